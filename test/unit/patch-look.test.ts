import { describe, expect, it } from 'vitest'
import { ExperimentPlan, looksText } from '../../electron/contract/experiment.ts'
import { lookText, type PatchLook, PLAIN_LOOK, sameLook } from '../../electron/contract/placement.ts'
import { SuggestionPlan } from '../../electron/contract/suggestion.ts'
import { SweepPlan } from '../../electron/contract/sweep.ts'
import { looksOf, planAsKept, triedBy } from '../../electron/engine/patch/experiment/tried.ts'
import { contentKey } from '../../electron/engine/store/keys.ts'

const look = (changes: Partial<PatchLook>): PatchLook => ({ ...PLAIN_LOOK, ...changes })
const TURNED = look({ rotation: 30 })
const hash = 'a'.repeat(64)
const plan = ExperimentPlan.parse({
  name: 'a plan',
  models: [hash],
  source: 0,
  target: 1,
  population: 'top5',
  folders: null,
  patches: [4, 7, 9],
  look: {},
  sizes: [0.4],
  positions: { kind: 'corners' },
  controls: { noise: 4, mean: true, shuffled: 2 },
  seed: 0,
})

describe('a look', () => {
  it.each([
    [{}, 'aspect preserved'],
    [{ aspect: 'square' }, 'forced square'],
    [{ rotation: -12.5 }, 'rotated −12.5°, aspect preserved'],
    [
      { rotation: 30, opacity: 0.8, blend: 'multiply', mask: 'circle', feather: 0.125, aspect: 'photograph' },
      'rotated 30°, opacity 80 %, blend multiply, circular mask, feather 12.5 % of the half edge, aspect preserved on the photograph',
    ],
  ] as const)('is described in plain words: %o', (changes, text) => {
    expect(lookText(look(changes))).toBe(text)
  })

  it('differs when any of its parts differs', () => {
    for (const changes of [
      { rotation: 1 },
      { opacity: 0.5 },
      { blend: 'screen' },
      { mask: 'circle' },
      { feather: 0.1 },
      { aspect: 'square' },
    ] as const)
      expect(sameLook(PLAIN_LOOK, look(changes))).toBe(false)
    expect(sameLook(TURNED, { ...TURNED })).toBe(true)
  })
})

describe('a plan', () => {
  it('of an earlier version has the plain look, and its content key', () => {
    const { look: _, ...without } = plan
    expect(ExperimentPlan.parse(without)).toEqual(plan)
    expect(contentKey({ plan: planAsKept(plan) })).toBe(contentKey({ plan }))
    const shared = { ...without, model: hash, cells: null, candidates: 1, noise: 1 }
    expect(SuggestionPlan.parse(shared).look).toEqual(PLAIN_LOOK)
    expect(SweepPlan.parse({ ...shared, image: 1, patch: 4, positions: 2 }).look).toEqual(PLAIN_LOOK)
  })

  it('is kept in one form, however its looks are written down', () => {
    const mixed = planAsKept({ ...plan, looks: [{ patch: 7, look: TURNED }] })
    expect(mixed).toEqual({ ...plan, looks: [{ patch: 7, look: TURNED }] })
    const others = [4, 9].map(patch => ({ patch, look: PLAIN_LOOK }))
    expect(planAsKept({ ...plan, look: TURNED, looks: others.toReversed() })).toEqual(mixed)
    // A patch that is not of the plan, and a look that is no exception.
    expect(
      planAsKept({
        ...plan,
        looks: [
          { patch: 99, look: TURNED },
          { patch: 4, look: PLAIN_LOOK },
        ],
      }),
    ).toEqual(plan)
  })

  it('places each control as what it controls', () => {
    const mixed = { ...plan, looks: [{ patch: 7, look: TURNED }] }
    const variants = triedBy(mixed).map(tried => `${tried.group} ${tried.of} ${tried.look.rotation}`)
    expect(variants).toEqual([
      ...['real 0 0', 'real 1 30', 'real 2 0'],
      ...['noise 0 0', 'noise 1 30', 'noise 2 0', 'noise 0 0'],
      ...['mean 0,2 0', 'mean 1 30'],
      ...['shuffled 0 0', 'shuffled 1 30', 'shuffled 2 0'],
    ])
    const entered = triedBy(mixed).map(({ group }) => ({ group, note: null }))
    expect(looksOf(mixed, entered).map(({ rotation }) => rotation)).toEqual(
      triedBy(mixed).map(({ look }) => look.rotation),
    )
    // Alike, there is one mean colour, as in earlier versions.
    expect(triedBy(plan)).toHaveLength(3 + 4 + 1 + 3)
  })

  it('names the looks that are measured', () => {
    const nameOf = (patch: number): string => `p${patch}`
    expect(looksText({ ...plan, look: TURNED }, nameOf)).toEqual(['look: rotated 30°, aspect preserved'])
    expect(looksText({ ...plan, looks: [{ patch: 7, look: TURNED }] }, nameOf)).toEqual([
      'look of p4, p9: aspect preserved',
      'look of p7: rotated 30°, aspect preserved',
    ])
  })
})
