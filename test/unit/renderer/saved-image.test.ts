import { afterEach, expect, it, vi } from 'vitest'
import type { Photograph } from '../../../electron/contract/project.ts'
import { keepImage } from '../../../renderer/image/saved-image.ts'
import { chooseImage, enterImages, useImage } from '../../../renderer/state/image.ts'

const items = new Map<string, unknown>()
const photographs = new Map([[7, { id: 7, file: 'seven.jpg' } as Photograph]])
vi.stubGlobal('window', {
  portolan: {
    call: async (name: string, given: { name: string; value: unknown; image: number }) => {
      if (name === 'saved.save') items.set(given.name, given.value)
      if (name === 'photograph.get') {
        const found = photographs.get(given.image)
        if (found === undefined) throw new Error(`there is no photograph ${given.image}`)
        return found
      }
      return name === 'saved.list' ? [...items].map(([key, value]) => ({ kind: 'view', name: key, value })) : {}
    },
  },
})
const settled = () => vi.advanceTimersByTimeAsync(2000)
const saved = (image: number | null, index: number) =>
  items.set('image', { version: 1, image, layer: 'mixed4c', class: index })
afterEach(() => {
  vi.useRealTimers()
  items.clear()
})

it('the Image view opens with the photograph, layer and class that it was left with', async () => {
  vi.useFakeTimers()
  for (const [project, image] of [
    ['0000000000000001', 7],
    // The photograph that comes first, which the user did not choose.
    ['0000000000000002', null],
  ] as const) {
    saved(image, 3)
    const end = keepImage(project)
    await settled()
    expect(useImage.getState()).toMatchObject({ image: image && photographs.get(image), layer: 'mixed4c', class: 3 })
    end()
  }
})

it('a photograph that was removed leaves the view as it is, and later changes are saved', async () => {
  vi.useFakeTimers()
  saved(8, 3)
  const end = keepImage('0000000000000003')
  await settled()
  expect(useImage.getState()).toMatchObject({ image: null, layer: null, class: null })
  chooseImage(photographs.get(7)!)
  await settled()
  expect(items.get('image')).toMatchObject({ image: 7 })
  end()
})

it('a photograph that arrives when another project is open is not shown there', async () => {
  vi.useFakeTimers()
  saved(7, 3)
  const end = keepImage('0000000000000004')
  await Promise.resolve()
  end()
  enterImages('0000000000000005')
  await settled()
  expect(useImage.getState().image).toBeNull()
})
