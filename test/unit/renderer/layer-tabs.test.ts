import { describe, expect, it } from 'vitest'
import { TransitionProgress } from '../../../renderer/atlas/cell-transition.ts'
import { CellIndex } from '../../../renderer/atlas/cells.ts'
import { shortNames } from '../../../renderer/atlas/layer-names.ts'
import { morphPositions } from '../../../renderer/atlas/use-layer-morph.ts'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'

describe('short names of layers', () => {
  it.each([
    [
      ['mixed3b', 'mixed4c', 'mixed5b'],
      ['3b', '4c', '5b'],
    ],
    // 4 belongs to the number: "c" and "d" would say little.
    [
      ['mixed4c', 'mixed4d'],
      ['4c', '4d'],
    ],
    [
      ['inception_4c/output', 'inception_5b/output'],
      ['4c', '5b'],
    ],
    [
      ['layer1.0', 'layer1.1', 'layer4.2'],
      ['1.0', '1.1', '4.2'],
    ],
    [
      ['conv', 'conv2'],
      ['conv', 'conv2'],
    ],
    [
      ['relu', 'pool'],
      ['relu', 'pool'],
    ],
    [['mixed4c'], ['mixed4c']],
    [[], []],
  ])('of %j are %j', (names, short) => {
    expect(shortNames(names)).toEqual(short)
  })
  it('are parts of the names, and tell as many layers apart', () => {
    const names = ['block1/out', 'block12/out', 'block2/out']
    const short = shortNames(names)
    expect(names.every((name, k) => name.includes(short[k]!))).toBe(true)
    expect(new Set(short).size).toBe(3)
  })
})

describe('a switch between aligned layers', () => {
  const index = new CellIndex(syntheticCells(10, { seed: 3, samples: 4000 }))
  const n = index.cells.i.length
  const x = Float32Array.from({ length: n }, (_, k) => k / n)
  const y = Float32Array.from({ length: n }, (_, k) => 1 - k / n)
  const positions = morphPositions(index, { x, y }, 2)
  it('begins where the samples of each cell lay, with icons of the size that they have here', () => {
    expect(positions).toHaveLength(3 * n)
    for (let k = 0; k < n; k++) {
      expect([positions[3 * k], positions[3 * k + 1]]).toEqual([x[k], y[k]])
      expect(positions[3 * k + 2]).toBeCloseTo(index.size(k, 2) / 10)
    }
  })
  it('ends in the grid, and is over at once where motion is to be reduced', () => {
    const transition = { id: '1 to 2', begin: 'displaced', displaced: false, positions: () => positions } as const
    const moving = new TransitionProgress()
    moving.set(transition, false)
    expect([moving.position, moving.atHome]).toEqual([0, false])
    moving.step(TransitionProgress.DURATION)
    expect([moving.position, moving.running]).toEqual([1, false])
    // Drawn again, it does not begin again.
    moving.set(transition, false)
    expect(moving.atHome).toBe(true)
    const still = new TransitionProgress()
    still.set(transition, true)
    expect(still.atHome).toBe(true)
  })
})
