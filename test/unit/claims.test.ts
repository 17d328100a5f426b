import { describe, expect, it } from 'vitest'
import { assigned, groupsOf, testedGroups } from '../../electron/engine/claims/parts.ts'
import { verdictOverControls } from '../../electron/engine/claims/patch-claim.ts'
import { sharedWith, strongestSamples } from '../../electron/engine/claims/shared.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { clusterMean } from '../../electron/engine/statistics/cluster-robust.ts'
import { decide, effectOf, POWER, photographsFor } from '../../electron/engine/statistics/decision.ts'
import { powerOf } from '../../electron/engine/statistics/intervals.ts'

/** The verdicts on one claim in many studies of so many photographs. */
function verdictsOf(truth: number, photographs: number, studies: number, relevant = 1) {
  const counts = { holds: 0, 'does not hold': 0, 'out of reach': 0 }
  for (let study = 0; study < studies; study++) {
    const random = new Random('study', truth, photographs, study)
    const values = Float64Array.from({ length: photographs }, () => truth + random.gaussian())
    const effect = effectOf(clusterMean({ sums: values, counts: values.map(() => 1) }))
    counts[decide(effect, relevant).verdict]++
  }
  return counts
}

describe('a decision', () => {
  it('is wrong in either direction at most at half the error rate of the interval', () => {
    expect(verdictsOf(0, 12, 2000).holds / 2000).toBeLessThan(0.035)
    expect(verdictsOf(1, 12, 2000)['does not hold'] / 2000).toBeLessThan(0.035)
  })

  it('finds the truth where there are enough photographs, and is out of reach where there are not', () => {
    expect(verdictsOf(1, 60, 200).holds).toBeGreaterThan(190)
    expect(verdictsOf(0, 60, 200)['does not hold']).toBeGreaterThan(190)
    expect(verdictsOf(5, 7, 50)).toEqual({ holds: 0, 'does not hold': 0, 'out of reach': 50 })
    expect(verdictsOf(0.3, 9, 200, 0.5)['out of reach']).toBeGreaterThan(100)
  })

  it('plans the smallest number of photographs with the power that it names', () => {
    for (const [effect, spread, tried] of [
      [1, 3, 1],
      [0.2, 1, 8],
      [5, 1, 1],
    ] as const) {
      const n = photographsFor(effect, spread, tried)!
      const power = (count: number) => powerOf(effect, spread / Math.sqrt(count), count, tried)
      expect(power(n)).toBeGreaterThanOrEqual(POWER)
      if (n > 8) expect(power(n - 1)).toBeLessThan(POWER)
    }
    // By simulation: with so many photographs the claim holds in four of five studies.
    const n = photographsFor(1, 1)!
    expect(verdictsOf(1, n, 1000).holds / 1000).toBeGreaterThan(0.75)
  })
})

/** Samples of three classes with a hidden cause: class 0 and class 1 share it, class 2 to 9 do not. */
function attributions(shared: number, photographs: number) {
  const random = new Random('shared causes', shared, photographs)
  const columns = Array.from({ length: 10 }, () => new Float32Array(3 * photographs))
  const clusters = Int32Array.from({ length: 3 * photographs }, (_, s) => Math.floor(s / 3))
  let cause = 0
  for (let s = 0; s < clusters.length; s++) {
    if (s % 3 === 0) cause = random.gaussian()
    for (const [index, column] of columns.entries())
      column[s] = random.gaussian() + (index === 0 ? cause : index === 1 ? shared * cause : 0)
  }
  return { columns, clusters }
}

it('about a patch holds above every control, or does not hold above one', () => {
  expect(verdictOverControls(['holds', 'holds'])).toBe('holds')
  expect(verdictOverControls(['holds', 'out of reach'])).toBe('out of reach')
  expect(verdictOverControls(['holds', 'out of reach', 'does not hold'])).toBe('does not hold')
})

describe('support that two classes share', () => {
  const effectOfPart = (shared: number, photographs: number) => {
    const layer = attributions(shared, photographs)
    const strongest = strongestSamples(layer, 60)
    return sharedWith(Float64Array.from(layer.columns[0]!), layer.clusters, strongest, 1, [0], 1)
  }

  it('is found where it exists, and ranks first', () => {
    const { effect, rank, of } = effectOfPart(1, 300)
    expect(effect.low).toBeGreaterThan(0)
    expect(decide(effect, 0.2).verdict).toBe('holds')
    expect([rank, of]).toEqual([1, 9])
  })

  it('is not claimed where there is none, and out of reach in few photographs', () => {
    let held = 0
    for (let seed = 0; seed < 200; seed++)
      if (decide(effectOfPart(seed * 1e-9, 200).effect, 0.2).verdict === 'holds') held++
    expect(held).toBeLessThanOrEqual(12)
    expect(decide(effectOfPart(1, 4).effect, 0.2).verdict).toBe('out of reach')
  })

  it('takes the strongest samples, positive ones only', () => {
    const columns = [Float32Array.of(0.1, -2, 3, 2, 0)]
    expect(strongestSamples({ columns, clusters: [0, 1, 2, 3, 4] }, 2)).toEqual([Uint32Array.of(2, 3)])
    expect(strongestSamples({ columns, clusters: [0, 1, 2, 3, 4] }, 9)).toEqual([Uint32Array.of(2, 3, 0)])
  })
})

describe('groups of one half', () => {
  const channels = 6
  /** Activations around one of three directions, and values that only some directions have. */
  function made(truths: readonly number[], photographs: number, seed: number) {
    const random = new Random('groups', seed)
    const rows = new Float32Array(photographs * channels)
    const values = new Float64Array(photographs)
    for (let p = 0; p < photographs; p++) {
      const kind = p % 3
      for (let c = 0; c < channels; c++) rows[p * channels + c] = Math.abs(0.2 * random.gaussian() + Number(c === kind))
      values[p] = truths[kind]! + random.gaussian()
    }
    return { rows, values, clusters: Int32Array.from({ length: photographs }, (_, p) => p) }
  }
  const held = (truths: readonly number[], photographs: number, seed: number): number => {
    const { rows, values, clusters } = made(truths, photographs, seed)
    const half = (photographs >> 1) * channels
    const groups = groupsOf(rows.slice(0, half), channels, 3, 1)
    const cellOf = new Int32Array(photographs).fill(-1)
    cellOf.set(assigned(groups, rows.slice(half), channels), photographs >> 1)
    return testedGroups(values, clusters, cellOf, [3, 0]).filter(({ holds }) => holds).length
  }

  it('are the directions of the data', () => {
    const { rows } = made([0, 0, 0], 90, 3)
    const { of } = groupsOf(rows, channels, 3, 1)
    for (let p = 3; p < 90; p++) expect(of[p]).toBe(of[p % 3])
  })

  it('hold on the other half exactly where they support the class', () => {
    expect(held([3, 0, -3], 300, 1)).toBe(1)
    expect(held([3, 3, -3], 300, 2)).toBe(2)
  })

  it('hold in at most the nominal share where none does', () => {
    let any = 0
    for (let seed = 0; seed < 200; seed++) if (held([0, 0, 0], 120, seed) > 0) any++
    expect(any / 200).toBeLessThan(0.06)
  })
})
