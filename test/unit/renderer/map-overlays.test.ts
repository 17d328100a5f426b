import { expect, test } from 'vitest'
import { CellState } from '../../../electron/contract/atlas.ts'
import { labelCountText, type MapLabels } from '../../../renderer/atlas/cell-labels.ts'
import { minimapColours } from '../../../renderer/atlas/minimap.ts'

const chromaOf = (colours: ArrayLike<number>, k: number): number[] => {
  const channels = [0, 1, 2].map(c => colours[3 * k + c]!)
  const lightness = channels.reduce((sum, value) => sum + value, 0) / 3
  return channels.map(value => value - lightness)
}

test('the minimap saturates nearly grey means, keeps their hues, and leaves cells without an icon as they are', () => {
  const colour = Uint8Array.from([126, 120, 114, 118, 124, 127, 52, 52, 52])
  const state = Uint8Array.from([CellState.finished, CellState.preview, CellState.waiting])
  const result = minimapColours({ colour, state })
  for (const k of [0, 1]) {
    const [before, after] = [chromaOf(colour, k), chromaOf(result, k)]
    const factor = Math.hypot(...after) / Math.hypot(...before)
    expect(factor).toBeGreaterThan(2)
    // Rounded to bytes.
    for (const [c, value] of after.entries()) expect(Math.abs(value - factor * before[c]!)).toBeLessThan(1)
  }
  expect([...result.slice(6)]).toEqual([52, 52, 52])
})

test('colours that are saturated already stay as they are', () => {
  const colour = Uint8Array.from([250, 40, 40, 0, 10, 60, 100, 240, 200])
  expect([...minimapColours({ colour, state: new Uint8Array(3).fill(CellState.finished) })]).toEqual([...colour])
})

test('a map without labels states why', () => {
  const labels: MapLabels = { grid: 2, cells: [null, null], note: null }
  const label = { kind: 'class', name: 'crane', class: 1, classes: 1, agreement: 0.9 } as const
  expect(labelCountText({ ...labels, cells: [label, null] }, Uint32Array.of(90, 9))).toBe('1 labelled')
  expect(labelCountText(labels, Uint32Array.of(7, 3))).toBe('no labels: fewer than 8 photographs in every cell')
  expect(labelCountText(labels, Uint32Array.of(70, 3))).toBe('no reliable labels: too few photographs per cell')
  expect(labelCountText({ ...labels, note: 'the model is missing' })).toBe('labels unknown')
})
