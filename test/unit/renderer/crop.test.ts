import { expect, it } from 'vitest'
import { type FigurePane, pngScale } from '../../../electron/contract/figure.ts'
import { cropped } from '../../../renderer/export/crop.ts'

const pane = (left: number, part: Partial<FigurePane> = {}): FigurePane => ({
  ...{ left, top: 0, width: 400, height: 600, labels: [], legend: [], axis: null, caption: '' },
  ...part,
})
const scene = (left: number, top: number, right: number, bottom: number) => ({
  content: { left, top, right, bottom },
})

it('maps in a row are cut to their cells, keep a common top and height, and stand side by side', () => {
  const label = { text: 'hen', x: 120, y: 130, width: 40 }
  const parts = cropped(
    [
      { pane: pane(0, { labels: [label] }), scene: scene(100, 120, 350, 400) },
      { pane: pane(401), scene: scene(60, 150, 390, 500) },
    ],
    true,
  )
  expect(parts.map(({ pane: { left, top, width, height } }) => [left, top, width, height])).toEqual([
    [0, 0, 266, 396],
    [274, 0, 346, 396],
  ])
  expect(parts.map(({ from }) => from)).toEqual([
    { x: 92, y: 112 },
    { x: 52, y: 112 },
  ])
  // The label stays on its cell.
  expect(parts[0]!.pane.labels).toEqual([{ ...label, x: 28, y: 18 }])
})

it('several rows, an axis, and views that are wanted whole stay as they are', () => {
  const two = [
    { pane: pane(0), scene: scene(100, 100, 300, 300) },
    { pane: pane(0, { top: 601 }), scene: scene(100, 100, 300, 300) },
  ]
  const axis = { ticks: [], left: 'a', right: 'b', title: 'c' }
  for (const parts of [
    cropped(two, true),
    cropped([{ pane: pane(0, { axis }), scene: scene(100, 100, 300, 300) }], true),
    cropped(two.slice(0, 1), false),
  ])
    for (const part of parts) expect([part.pane.width, part.pane.height, part.from]).toEqual([400, 600, { x: 0, y: 0 }])
})

it('a figure has the pixels of its width in print', () => {
  expect(pngScale({ millimetres: 180, dpi: 300 }, 1000) * 1000).toBeCloseTo((180 / 25.4) * 300)
  expect(pngScale({ millimetres: 1000, dpi: 1200 }, 100)).toBe(12)
})
