import { describe, expect, it } from 'vitest'
import { ExperimentPlan } from '../../../electron/contract/experiment.ts'
import { type PatchLook, PLAIN_LOOK } from '../../../electron/contract/placement.ts'
import type { PlacedPatch } from '../../../renderer/patch/lab.ts'
import { editedLooks, isAmbiguous, looksOf, measuredPlacement, plannedLooks } from '../../../renderer/patch/looks.ts'

const look = (changes: Partial<PatchLook>): PatchLook => ({ ...PLAIN_LOOK, ...changes })
const placed = (id: number, patch: number, changes: Partial<PlacedPatch> = {}): PlacedPatch => ({
  ...{ ...PLAIN_LOOK, id, patch, x: 0.5, y: 0.5, size: 0.3, hidden: false },
  ...changes,
})

describe('the looks that a plan measures', () => {
  const ROTATED = { rotation: 30, opacity: 0.8, mask: 'circle', feather: 0.2, blend: 'screen' } as const
  const edited = [placed(1, 7, ROTATED), placed(2, 8, { aspect: 'square' }), placed(3, 7)]

  it('are those of the editor, without place and size', () => {
    expect(editedLooks([edited[0]!], null).get(7)).toEqual(look(ROTATED))
    const looks = editedLooks(edited, 1)
    expect(looksOf([7], looks, PLAIN_LOOK)).toEqual({ look: look(ROTATED) })
    expect(looksOf([7, 8, 9], looks, look({ aspect: 'square' }))).toEqual({
      look: look(ROTATED),
      looks: [
        { patch: 8, look: look({ aspect: 'square' }) },
        { patch: 9, look: look({ aspect: 'square' }) },
      ],
    })
  })

  it('of a patch that is there several times are those of the selected one, else of the top one that is visible', () => {
    expect(measuredPlacement(edited, 2)?.id).toBe(2)
    expect(measuredPlacement(edited, null)?.id).toBe(3)
    expect(measuredPlacement([...edited, placed(4, 9, { hidden: true })], null)?.id).toBe(3)
    expect(measuredPlacement([placed(4, 9, { hidden: true })], null)?.id).toBe(4)
    expect(measuredPlacement([], null)).toBeUndefined()
    expect(editedLooks(edited, 1).get(7)).toEqual(look(ROTATED))
    expect(editedLooks(edited, 2).get(7)).toEqual(PLAIN_LOOK)
    expect([7, 8].map(patch => isAmbiguous(edited, patch))).toEqual([true, false])
    expect(isAmbiguous([edited[0]!, placed(3, 7, { ...ROTATED, x: 0.1, size: 0.9 })], 7)).toBe(false)
  })

  it('are restored from an earlier plan', () => {
    const plan = ExperimentPlan.parse({
      ...{ name: 'a plan', models: ['a'.repeat(64)], source: 0, target: 1, population: 'top5', folders: null },
      ...{ patches: [7, 8], look: ROTATED, looks: [{ patch: 8, look: PLAIN_LOOK }], sizes: [0.4] },
      ...{ positions: { kind: 'corners' }, controls: { noise: 0, mean: false, shuffled: 0 }, seed: 0 },
    })
    expect(looksOf(plan.patches, plannedLooks(plan), look({ aspect: 'square' }))).toEqual({
      look: plan.look,
      looks: plan.looks,
    })
  })
})
