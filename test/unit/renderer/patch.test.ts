import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Predictions } from '../../../electron/contract/patch.ts'
import { classChange, logOddsOf, percentText, strongestClasses } from '../../../renderer/patch/class-change.ts'
import { probabilityColour, winnerColours } from '../../../renderer/patch/colours.ts'
import {
  cornerOf,
  flush,
  HANDLES,
  type Handle,
  halfExtentOf,
  normalisedDegrees,
  type Placement,
  rotationTowards,
  SIZES,
  scale,
  snap,
} from '../../../renderer/patch/geometry.ts'
import {
  adjustPatch,
  compositionOf,
  duplicatePatch,
  edit,
  enter,
  openComposition,
  placePatch,
  preview,
  redo,
  removePatch,
  restackPatch,
  setPhotograph,
  settle,
  undo,
  useLab,
} from '../../../renderer/patch/lab.ts'
import { LatestRequest } from '../../../renderer/patch/latest-request.ts'
import { sizesOf } from '../../../renderer/patch/PlanFields.tsx'
import { placeOf, sizesBetween } from '../../../renderer/patch/sweep-grid.ts'

const placement: Placement = { x: 0.5, y: 0.5, width: 0.3, height: 0.2, rotation: 0 }
const opposite = ({ x, y }: Handle): Handle => ({ x: -x, y: -y }) as Handle

describe('dragging a patch', () => {
  it('draws it to edges, corners and the middle, and nowhere else', () => {
    expect(snap({ ...placement, x: 0.16, y: 0.89 }, 0.02)).toEqual({ x: 0.15, y: 0.9, lineX: 0, lineY: 1 })
    expect(snap({ ...placement, x: 0.51, y: 0.3 }, 0.02)).toEqual({ x: 0.5, y: 0.3, lineX: 0.5, lineY: null })
  })

  it('counts the edges of a rotated patch as they are seen', () => {
    const upright = { ...placement, rotation: 90 }
    expect(halfExtentOf(upright).x).toBeCloseTo(0.1)
    expect(flush(upright, { x: -1, y: 1 })).toEqual({ x: expect.closeTo(0.1), y: expect.closeTo(0.85) })
  })

  it('scales about the opposite corner, or about the centre, whatever its rotation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HANDLES),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        fc.boolean(),
        (handle, rotation, factor, aboutCentre) => {
          const was = { ...placement, rotation }
          const fixed = aboutCentre ? was : cornerOf(was, opposite(handle))
          const grabbed = cornerOf(was, handle)
          const pointer = { x: fixed.x + (grabbed.x - fixed.x) * factor, y: fixed.y + (grabbed.y - fixed.y) * factor }
          const made = scale(was, 0.3, handle, pointer, aboutCentre)
          expect(made.size).toBeCloseTo(0.3 * factor, 6)
          const is = { ...was, ...made, width: 0.3 * factor, height: 0.2 * factor }
          const stays = aboutCentre ? is : cornerOf(is, opposite(handle))
          expect(Math.hypot(stays.x - fixed.x, stays.y - fixed.y)).toBeLessThan(1e-6)
        },
      ),
    )
  })

  it('never scales it to nothing or inside out', () => {
    const made = scale(placement, 0.3, HANDLES[2], { x: -9, y: -9 }, false)
    expect(made.size).toBe(SIZES.minimum)
  })

  it('turns it towards the pointer, in steps where they are wanted', () => {
    expect(rotationTowards({ x: 0, y: 0 }, { x: 0, y: -1 }, 0)).toBe(0)
    expect(rotationTowards({ x: 0, y: 0 }, { x: 1, y: 0 }, 0)).toBe(90)
    expect(rotationTowards({ x: 0, y: 0 }, { x: 1, y: -0.1 }, 15)).toBe(90)
    expect([normalisedDegrees(181), normalisedDegrees(-180), normalisedDegrees(720)]).toEqual([-179, 180, 0])
  })
})

describe('the lab', () => {
  beforeEach(() => {
    enter(`project ${Math.random()}`)
    setPhotograph(1)
  })
  const patches = () => useLab.getState().edited.patches

  it('goes back through every step, however many', () => {
    placePatch(7)
    const { id } = patches()[0]!
    for (let k = 0; k < 500; k++) {
      adjustPatch(id, { x: k / 1000 })
      settle()
    }
    for (let k = 0; k < 500; k++) undo()
    expect(patches()).toHaveLength(1)
    expect(patches()[0]!.x).not.toBe(0)
    undo()
    expect(patches()).toEqual([])
    for (let k = 0; k < 501; k++) redo()
    expect(patches()[0]!.x).toBe(0.499)
    expect(useLab.getState().canRedo).toBe(false)
  })

  it('takes a whole drag back in one step', () => {
    placePatch(7)
    const before = patches()[0]!
    for (let k = 0; k < 20; k++) adjustPatch(before.id, { x: k / 20 })
    settle()
    undo()
    expect(patches()[0]).toEqual(before)
  })

  it('takes back a drag that was never let go of', () => {
    placePatch(7)
    const before = useLab.getState().edited
    preview({ ...before, patches: [] })
    undo()
    expect(useLab.getState().edited).toEqual(before)
  })

  it('stacks, duplicates and removes patches, and keeps one selected', () => {
    placePatch(1)
    placePatch(2)
    const [bottom] = patches()
    restackPatch(bottom!.id, 1)
    expect(patches().map(l => l.patch)).toEqual([2, 1])
    restackPatch(bottom!.id, 1)
    expect(patches().map(l => l.patch)).toEqual([2, 1])
    duplicatePatch(bottom!.id)
    expect(patches().map(l => l.patch)).toEqual([2, 1, 1])
    removePatch(useLab.getState().selected!)
    expect(useLab.getState().selected).toBe(patches().at(-1)!.id)
  })

  it('keeps sizes and places within the limits of the engine', () => {
    placePatch(1)
    adjustPatch(patches()[0]!.id, { size: -1, x: 99, rotation: 400 })
    expect(patches()[0]).toMatchObject({ size: SIZES.minimum, x: 5, rotation: 40 })
  })

  it('opens a composition as it was, and passes no ids of the window to the engine', () => {
    placePatch(3, { size: 0.25, x: 0.1 })
    const composition = compositionOf(useLab.getState().edited)!
    expect(composition.patches[0]).not.toHaveProperty('id')
    edit({ image: 2, patches: [] })
    openComposition(composition, { source: 5, target: 6 })
    expect(compositionOf(useLab.getState().edited)).toEqual(composition)
    expect(useLab.getState()).toMatchObject({ source: 5, target: 6, mode: 'editor' })
  })

  it('is reset by another project', () => {
    placePatch(3)
    enter('another')
    expect(useLab.getState()).toMatchObject({ edited: { image: null, patches: [] }, canUndo: false })
  })
})

describe('the latest request', () => {
  it('is sent, the first at once, and superseded ones never', async () => {
    const sent: number[] = []
    const replies: (readonly [number, string])[] = []
    const ends: (() => void)[] = []
    const latest = new LatestRequest<number, string>(
      input => {
        sent.push(input)
        return new Promise(resolve => ends.push(() => resolve(`reply ${input}`)))
      },
      (input, output) => replies.push([input, output]),
      () => {},
    )
    for (const input of [1, 2, 3, 4]) latest.request(input)
    expect(sent).toEqual([1])
    ends[0]!()
    await new Promise(resolve => setTimeout(resolve, 1))
    expect(sent).toEqual([1, 4])
    ends[1]!()
    await new Promise(resolve => setTimeout(resolve, 1))
    expect(replies).toEqual([
      [1, 'reply 1'],
      [4, 'reply 4'],
    ])
  })

  it('continues after a failure, and delivers nothing once ended', async () => {
    const messages: string[] = []
    const latest = new LatestRequest<string, string>(
      async input => {
        if (input === 'bad') throw new Error('no')
        return input
      },
      (_, output) => messages.push(output),
      (input, error) => messages.push(`${input}: ${error.message}`),
    )
    latest.request('bad')
    latest.request('good')
    await new Promise(resolve => setTimeout(resolve, 1))
    latest.request('late')
    latest.end()
    await new Promise(resolve => setTimeout(resolve, 1))
    expect(messages).toEqual(['bad: no', 'good'])
  })
})

describe('changes of predictions', () => {
  const predictions = (top: readonly (readonly [number, number])[]): Predictions => ({
    top: top.map(([index, probability]) => ({ index, probability, logit: Math.log(probability) })),
    pinned: [{ index: 9, probability: 0.001, logit: -7 }],
  })
  const composed = {
    before: predictions([
      [1, 0.8],
      [2, 0.1],
    ]),
    after: predictions([
      [3, 0.7],
      [1, 0.2],
    ]),
  }

  it('are paired by class, those that matter in either first, without those that are listed elsewhere', () => {
    expect(strongestClasses(composed, 2, []).map(r => r.index)).toEqual([1, 3])
    expect(strongestClasses(composed, 5, [1]).map(r => r.index)).toEqual([3, 2])
  })

  it('know a pinned class that is not among the strongest, and are undefined where one is not known', () => {
    expect(classChange(composed, 9).before?.logit).toBe(-7)
    expect(classChange(composed, 3).before).toBeUndefined()
    expect(logOddsOf(composed.after, 3)).toBeCloseTo(Math.log(0.7 / 0.3))
    expect(logOddsOf(composed.before, 77)).toBeUndefined()
  })

  it('are written so that a small probability is not taken for zero', () => {
    expect([percentText(0.5), percentText(0.0123), percentText(1e-6), percentText(0)]).toEqual([
      '50.0 %',
      '1.23 %',
      '<0.01 %',
      '0.00 %',
    ])
  })
})

describe('plans and sweeps', () => {
  it('have sizes without rounding, both ends included', () => {
    expect(sizesBetween(0, 0.8, 0.05)).toHaveLength(17)
    expect(sizesBetween(0, 0.3, 0.1)).toEqual([0, 0.1, 0.2, 0.3])
    expect(sizesBetween(0, 0.8, 0)).toEqual([])
  })

  it('take sizes as they are typed, in order, each once', () => {
    expect(sizesOf('70, 20;20 40 x 0 900')).toEqual([0.2, 0.4, 0.7])
  })

  it('place the corners first and last', () => {
    expect([placeOf(3, 0), placeOf(3, 4), placeOf(3, 8), placeOf(1, 0)]).toEqual([
      { x: 0, y: 0 },
      { x: 0.5, y: 0.5 },
      { x: 1, y: 1 },
      { x: 0.5, y: 0.5 },
    ])
  })

  it('give source, target and the most frequent third classes colours of their own', () => {
    const { of, legend } = winnerColours(Int16Array.of(5, 5, 5, 1, 2, -1), 1, 2)
    expect(legend.map(l => [l.index, l.count])).toEqual([
      [5, 3],
      [1, 1],
      [2, 1],
    ])
    expect(new Set([5, 1, 2].map(index => of(index).join())).size).toBe(3)
  })

  it('have a ramp whose lightness only grows', () => {
    const sums = Array.from({ length: 21 }, (_, k) => probabilityColour(k / 20).reduce((a, b) => a + b, 0))
    expect(sums).toEqual([...sums].sort((a, b) => a - b))
  })
})
