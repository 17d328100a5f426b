import { expect, it, vi } from 'vitest'
import { addModel, endDescription, useDescribedModels } from '../../../renderer/state/models.ts'

it('models without a sidecar that are dropped at once are described one after the other', async () => {
  const added: string[] = []
  vi.stubGlobal('window', {
    portolan: {
      call: async (name: string, { file }: { file: string }) => {
        if (name === 'models.propose') return file === 'described.onnx' ? null : { classes: 10 }
        added.push(file)
        return {}
      },
    },
  })
  const waiting = (): readonly string[] => useDescribedModels.getState().map(({ file }) => file)
  for (const file of ['a.onnx', 'described.onnx', 'b.onnx', 'a.onnx']) await addModel(file)
  expect(added).toEqual(['described.onnx'])
  expect(waiting().toSorted()).toEqual(['a.onnx', 'b.onnx'])
  endDescription(useDescribedModels.getState()[0]!)
  expect(waiting()).toHaveLength(1)
  endDescription(useDescribedModels.getState()[0]!)
  expect(waiting()).toEqual([])
})
