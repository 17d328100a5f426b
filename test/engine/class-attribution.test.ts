import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClassSelection } from '../../electron/contract/class-selection.ts'
import { byClosedForm, closedForm } from '../../electron/engine/attribution/closed-form.ts'
import { readColumns, readRankedColumns } from '../../electron/engine/class-atlas/columns.ts'
import { shareOf } from '../../electron/engine/class-atlas/shares.ts'
import { readPart, readRows, type Source } from '../../electron/engine/class-atlas/source.ts'
import { classifierKey } from '../../electron/engine/registry/enter.ts'
import { findActivations, float32Pages } from '../../electron/engine/store/activations.ts'
import { addAttributions, appendAttributions } from '../../electron/engine/store/attributions.ts'
import { subsetPositions } from '../../electron/engine/store/subset-layouts.ts'
import { buildClassProject, type ClassProject, LAYERS, SAMPLES } from '../fixtures/class-project.ts'

let project: ClassProject
let db: ClassProject['db']
let classifier: ClassProject['classifier']
let baseOf: ClassProject['baseOf']
let sourceOf: ClassProject['sourceOf']
let orderOf: ClassProject['orderOf']
let classOrder: ClassProject['classOrder']
let run: ClassProject['run']
let allAttributions: ClassProject['allAttributions']

beforeAll(async () => {
  project = await buildClassProject()
  ;({ db, classifier, baseOf, sourceOf, orderOf, classOrder, run, allAttributions } = project)
}, 120_000)

afterAll(() => project.close())

describe.each(LAYERS)('attribution of samples to classes at %s', layer => {
  it('is the same by columns, by parts, and by the definition', async () => {
    const source = sourceOf(layer)
    const all = await allAttributions(layer)
    const form = closedForm(classifier, source.layer)
    expect(form === undefined).toBe(layer === 'mixed3b')
    const columns = await readRankedColumns(source, [3, 7], 'positive')
    for (const { index, values, ranks, known, count } of columns) {
      expect(count).toBe(SAMPLES)
      expect([...known]).toEqual(new Array(SAMPLES).fill(1))
      for (let s = 0; s < SAMPLES; s++) {
        const own = all[s * 10 + index]!
        // By the closed form one column is summed in float64, all columns in float32.
        if (form) expect(values[s]).toBeCloseTo(own, 4)
        else expect(values[s]).toBe(own)
        const stronger = Array.from(all.subarray(s * 10, s * 10 + 10)).filter(
          (value, c) => value > own || (value === own && c < index),
        )
        expect(ranks[s]).toBe(stronger.length + 1)
      }
    }
    const plain = await readColumns(source, [3, 7])
    expect(plain).toEqual(columns.map(({ index, values, known, count }) => ({ index, values, known, count })))
    if (form)
      for (const { start, values } of float32Pages(db, findActivations(db, source.set, layer)!))
        for (const [p, value] of byClosedForm(values, form).entries()) expect(all[start * 10 + p]).toBeCloseTo(value, 4)
    const some = Uint32Array.of(0, 5, 6, 200, SAMPLES - 1)
    const rows = await readRows(source, some)
    for await (const { start, values } of readPart(source, some, rows))
      for (const [p, value] of values.entries())
        expect(value).toBeCloseTo(all[some[start + Math.floor(p / 10)]! * 10 + (p % 10)]!, 4)
  })

  it('adds up: cells and hidden cells hold the attributions of all samples, for every class', async () => {
    const all = await allAttributions(layer)
    const atlas = baseOf(layer)
    for (const column of await readColumns(sourceOf(layer), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])) {
      const share = shareOf(db, atlas, 4, column.values, sample => column.known[sample] === 1)
      const sum = all.reduce((total, value, p) => (p % 10 === column.index ? total + value : total), 0)
      // `all` is summed in float32 where the closed form holds.
      expect(share.total).toBeCloseTo(sum, 3)
      const total = column.values.reduce((a, b) => a + b, 0)
      expect(share.total).toBeCloseTo(total, 6)
      expect(share.cells.reduce((a, b) => a + b, 0) + share.hidden).toBeCloseTo(total, 6)
      expect(share).toMatchObject({ samples: SAMPLES, known: SAMPLES })
    }
  })
})

describe('a store that keeps the two strongest attributions of each sign', () => {
  const KEPT = 2
  let source: Source
  let all: Float32Array

  beforeAll(async () => {
    all = await allAttributions('mixed3b')
    source = { ...sourceOf('mixed3b'), attribution: 'relaxed-avg' }
    const its = { classifier: classifierKey(source.classifier), classes: 10, kept: KEPT }
    const { tensor, name: layer } = source.layer
    const shape = { set: source.set, tensor, layer, kind: 'relaxed-avg', ...its } as const
    appendAttributions(db, addAttributions(db, shape), 0, all)
  })

  /** Whether class c is among the two strongest of a sign in sample s. */
  const kept = (s: number, c: number): boolean => {
    const row = all.subarray(s * 10, s * 10 + 10)
    const sign = Math.sign(row[c]!)
    return (
      sign !== 0 && row.filter((value, k) => value * sign > row[c]! * sign || (value === row[c] && k < c)).length < KEPT
    )
  }

  it('gives the stored attributions, and zeros for the rest', async () => {
    const some = Uint32Array.of(1, 2, 77, SAMPLES - 2)
    for await (const { start, values } of readPart(source, some, await readRows(source, some)))
      for (const [p, value] of values.entries()) {
        const [s, c] = [some[start + Math.floor(p / 10)]!, p % 10]
        expect(value).toBe(kept(s, c) ? all[s * 10 + c] : 0)
      }
  })

  it('filters, and reports for how many samples the attribution is known', async () => {
    const params = { ...classOrder('mixed3b').params, attribution: 'relaxed-avg' as const }
    const { atlas, layout } = (await run(orderOf('mixed3b', params))).result
    const { counts } = ClassSelection.parse(atlas.scope)
    const every = Array.from({ length: SAMPLES }, (_, s) => s)
    expect(counts.before).toBe(SAMPLES)
    expect(counts.known).toBe(every.filter(s => kept(s, 3)).length)
    expect(counts.known).toBeLessThan(SAMPLES)
    const passing = subsetPositions(db, layout.id)!.samples
    expect([...passing].every(s => kept(s, 3) && all[s * 10 + 3]! > 0)).toBe(true)
    expect(counts.byRank).toBe(every.filter(s => kept(s, 3) && all[s * 10 + 3]! > 0).length)
  })
})
