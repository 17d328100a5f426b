import { expect, it, vi } from 'vitest'
import type { Picture } from '../../../electron/contract/pictures.ts'

const read: string[] = []
vi.stubGlobal('location', { href: 'https://example.org/page.js?1' })
vi.stubGlobal('window', {})
vi.stubGlobal('document', {
  currentScript: null,
  createElement: () => ({ remove() {} }),
  head: {
    append: (script: { src: string; onload: () => void }) => {
      const name = script.src.replace(/^data\/(.*)\.js.*$/, '$1')
      read.push(name)
      queueMicrotask(() => {
        window.portolanPart!(name, btoa(name))
        script.onload()
      })
    },
  },
})
const { publishedPictures } = await import('../../../renderer/published/pictures.ts')
const { receiveParts } = await import('../../../renderer/published/parts.ts')
receiveParts()

const photograph = (image: number): Picture => ({ kind: 'photo', project: 'p', image, box: null, size: 96 })
const shown = async (image: number): Promise<string> => publishedPictures.show(photograph(image))

it('a picture that is drawn twice while it is read is read once, and then has an address', async () => {
  const first = publishedPictures.show(photograph(1))
  expect(first).toBeInstanceOf(Promise)
  expect(publishedPictures.show(photograph(1))).toBe(first)
  expect(publishedPictures.show(photograph(1))).toBe(first)
  const address = await first
  expect(publishedPictures.show(photograph(1))).toBe(address)
  expect(read).toEqual(['photographs/1'])
})

it('of many addresses those that were not shown for longest are revoked', async () => {
  const revoke = vi.spyOn(URL, 'revokeObjectURL')
  const [kept, old] = [await shown(1), await shown(2)]
  for (let image = 3; image <= 601; image++) {
    await shown(image)
    expect(publishedPictures.show(photograph(1))).toBe(kept)
  }
  expect(revoke.mock.calls).toEqual([[old]])
  expect(publishedPictures.show(photograph(2))).toBeInstanceOf(Promise)
})
