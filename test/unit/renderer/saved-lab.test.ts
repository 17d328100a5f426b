import { afterEach, expect, it, vi } from 'vitest'
import { PLAIN_LOOK } from '../../../electron/contract/placement.ts'
import { edit, enter, placePatch, setPhotograph, undo, useLab } from '../../../renderer/patch/lab.ts'
import { keepLab, readLab, savedLab } from '../../../renderer/patch/saved-lab.ts'

const items = new Map<string, unknown>()
vi.stubGlobal('window', {
  portolan: {
    call: async (name: string, given: { name: string; value: unknown }) => {
      if (name === 'saved.save') items.set(given.name, given.value)
      return name === 'saved.list'
        ? [...items].map(([key, value]) => ({ kind: 'view', name: key, value, updated: 0 }))
        : {}
    },
  },
})
const shown = () => JSON.parse(savedLab())
const settled = () => vi.advanceTimersByTimeAsync(2000)
afterEach(() => {
  vi.useRealTimers()
  items.clear()
})

it('a composition is there again after a restart, and none of it is a step to undo', async () => {
  vi.useFakeTimers()
  const end = keepLab('0000000000000001')
  await settled()
  setPhotograph(7)
  placePatch(3, { ...PLAIN_LOOK, x: 0.25, y: 0.5, size: 0.4, rotation: 30 })
  await settled()
  end()
  const before = shown()
  // Another project is opened, and then the first one again.
  enter('0000000000000002')
  expect(useLab.getState().edited).toEqual({ image: null, patches: [] })
  const again = keepLab('0000000000000001')
  await settled()
  expect(shown()).toEqual(before)
  expect(useLab.getState().edited.patches).toMatchObject([{ patch: 3, x: 0.25, rotation: 30 }])
  undo()
  expect(shown()).toEqual(before)
  again()
})

it('what was sent to the lab meanwhile stays, and what another version saved is left alone', async () => {
  vi.useFakeTimers()
  items.set('patch lab', JSON.parse(savedLab()))
  enter('0000000000000003')
  edit({ image: 9, patches: [] })
  const end = keepLab('0000000000000003')
  await settled()
  expect(useLab.getState().edited.image).toBe(9)
  end()
  expect(readLab({ version: 2 })).toBeUndefined()
})
