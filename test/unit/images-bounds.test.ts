import { expect, test } from 'vitest'
import { tiffPages } from '../../electron/engine/images/tiff-pages.ts'
import { Turns } from '../../electron/engine/images/turns.ts'

/** A TIFF of so many empty directories. @param loop the last one leads to the first again */
const tiff = (pages: number, loop = false): Buffer => {
  const bytes = Buffer.alloc(8 + 6 * pages)
  bytes.write('II*\0', 'latin1')
  bytes.writeUInt32LE(8, 4)
  for (let page = 0; page < pages; page++)
    bytes.writeUInt32LE(page + 1 < pages ? 8 + 6 * (page + 1) : loop ? 8 : 0, 8 + 6 * page + 2)
  return bytes
}

/** The same as a BigTIFF, the most significant byte first. */
const bigTiff = (pages: number): Buffer => {
  const bytes = Buffer.alloc(16 + 16 * pages)
  bytes.write('MM\0+\0\x08\0\0', 'latin1')
  for (let page = 0; page <= pages; page++)
    bytes.writeBigUInt64BE(page < pages ? BigInt(16 + 16 * page) : 0n, page === 0 ? 8 : 16 * page + 8)
  return bytes
}

test('pages of a TIFF are counted as far as it matters, also where their chain has no end', () => {
  expect(tiffPages(tiff(1), 1000)).toBe(1)
  expect(tiffPages(tiff(40), 1000)).toBe(40)
  expect(tiffPages(tiff(5000), 1000)).toBe(1001)
  expect(tiffPages(tiff(3, true), 1000)).toBe(1001)
  expect(tiffPages(Buffer.from('II*\0\xff\xff\xff\xff', 'latin1'), 1000)).toBe(1)
  expect(tiffPages(bigTiff(1), 1000)).toBe(1)
  expect(tiffPages(bigTiff(40), 1000)).toBe(40)
  expect(tiffPages(bigTiff(5000), 1000)).toBe(1001)
  for (const head of ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'])
    for (const fill of [0, 1, 0xff])
      expect(tiffPages(Buffer.from(head.padEnd(64, String.fromCharCode(fill)), 'latin1'), 9)).toBe(1)
  expect(tiffPages(Buffer.from('no picture'), 1000)).toBe(1)
})

test('work in turn: never more at a time than allowed, all of it, in order, whatever fails', async () => {
  const turns = new Turns(3)
  let [running, most] = [0, 0]
  const begun: number[] = []
  const work = async (index: number): Promise<number> => {
    begun.push(index)
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, index % 4))
    running--
    if (index % 5 === 0) throw new Error('no')
    return index
  }
  const ended = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => turns.run(() => work(index))))
  expect(most).toBe(3)
  expect(begun).toEqual(begun.toSorted((a, b) => a - b))
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(8)
})
