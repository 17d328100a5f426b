import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { classify, strongest } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { succeed } from '../fixtures/command-line.ts'
import {
  cellsOf,
  classAtlas,
  DescribedModels,
  describeAs,
  everyStage,
  type SidecarChange,
} from '../fixtures/described-models.ts'
import { twoHeadsSidecar } from '../fixtures/two-heads.ts'

/** What is computed again when a model's sidecar is corrected. */
const models = new DescribedModels()
const { at } = models
/** Builds of seconds, several in a test, on machines that have other work. */
const PATIENCE = 300_000

beforeAll(() => models.prepare(), PATIENCE)
afterAll(() => models.remove())

const input = (change: SidecarChange) => ({ input: { ...twoHeadsSidecar().input, ...change } })
const reused = everyStage('reused')
const computed = everyStage('computed')
const attributions = {
  ...reused,
  samples: 'continued',
  'early: 2 × 2 cells': 'computed',
  'late: 2 × 2 cells': 'computed',
}
/** Every field of a sidecar: what is computed again when it is corrected, and what is kept. */
const FIELDS: readonly [string, SidecarChange, Readonly<Record<string, string>>][] = [
  ['name', { name: 'Another' }, reused],
  ['license', { license: 'CC0' }, reused],
  ['source', { source: 'elsewhere' }, reused],
  ['unconfirmed', { unconfirmed: ['input.mean'] }, reused],
  ['labels', { labels: Array.from({ length: 10 }, (_, i) => `renamed ${i}`) }, reused],
  ['layers: another one of the same resolution', { layers: { early: 'conv1', late: 'conv2', pool: 'pool1' } }, reused],
  ['logits', { logits: 'logits' }, attributions],
  ['probabilities', { probabilities: 'sigmoid' }, attributions],
  ['input.channels', input({ channels: 'BGR' }), computed],
  ['input.range', input({ range: [0, 255] }), computed],
  ['input.mean', input({ mean: [0.4, 0.5, 0.5] }), computed],
  ['input.std', input({ std: [0.2, 0.3, 0.3] }), computed],
  ['input.resize', input({ resize: 'crop' }), computed],
  ['input.size', input({ size: 40 }), computed],
]

describe('a corrected sidecar', () => {
  test.each(FIELDS)(
    '%s: what depends on it is computed again, and nothing else',
    async (field, change, expected) => {
      const { project, model } = models.corrected(`field ${field.replaceAll(/\W+/g, '-')}`, change)
      const { outcomes } = await models.build(project, model)
      expect(outcomes).toMatchObject(expected)
      expect((await models.build(project, model)).outcomes).toMatchObject(reused)
    },
    PATIENCE,
  )

  test(
    'of the logits gives cells their other classes, and leaves their icons',
    async () => {
      const { project, model } = models.corrected('other-head', { logits: 'logits' })
      const before = await cellsOf(project, 'late')
      await models.build(project, model)
      const after = await cellsOf(project, 'late')
      await models.build(at('fresh-head.portolan'), model)
      const fresh = await cellsOf(at('fresh-head.portolan'), 'late')
      expect(after.cells).toEqual(fresh.cells)
      expect(after.cells.map(cell => cell.for)).not.toEqual(before.cells.map(cell => cell.for))
      expect(after.cells.map(({ icon }) => icon.key)).toEqual(before.cells.map(({ icon }) => icon.key))
      // Both are in the project; the one of the present description is meant, and that is reported.
      expect(after.err).toContain('built before the model or its description changed')
      const again = await succeed(...classAtlas(project, '--json'))
      const own = await succeed(...classAtlas(at('fresh-head.portolan'), '--json'))
      const Cells = z.object({ grids: z.json() }).loose()
      expect(Cells.parse(JSON.parse(again.out)).grids).toEqual(Cells.parse(JSON.parse(own.out)).grids)
    },
    PATIENCE,
  )

  test(
    'that gives layers other names computes nothing again: they are known by their tensors',
    async () => {
      const before = [await cellsOf(at('base.portolan'), 'early'), await cellsOf(at('base.portolan'), 'late')]
      const { project, model } = models.corrected('renamed', { layers: { first: 'conv1', second: 'conv2' } })
      expect((await models.build(project, model, 'first,second')).outcomes).toMatchObject(
        everyStage('reused', ['first', 'second']),
      )
      expect((await cellsOf(project, 'first')).cells).toEqual(before[0]!.cells)

      const swapped = models.corrected('swapped', { layers: { early: 'conv2', late: 'conv1' } })
      expect((await models.build(swapped.project, swapped.model)).outcomes).toMatchObject(reused)
      expect((await cellsOf(swapped.project, 'late')).cells).toEqual(before[0]!.cells)
      expect((await cellsOf(swapped.project, 'early')).cells).toEqual(before[1]!.cells)
    },
    PATIENCE,
  )

  test(
    'is noted by commands on what was made before, which go on as it was made',
    async () => {
      const { project } = models.corrected('noted', { logits: 'logits' })
      // The project looks for its model where it was built: that sidecar is corrected, and not entered again.
      const model = models.modelIn('noted-model')
      await models.build(project, model)
      describeAs(model, { logits: 'logits', layers: { early: 'conv2', late: 'conv1' } })
      const ended = await succeed(...classAtlas(project))
      expect(ended.err).toContain('differs from the project (logits, layers)')
      const info = await succeed('project', 'info', project)
      expect(info.out).toContain('differs from the project (logits, layers)')
    },
    PATIENCE,
  )
})

test(
  'a corrected head has other trials of the same experiment',
  async () => {
    mkdirSync(at('experiment'))
    const [model, project] = [models.modelIn('experiment'), at('experiment', 'p.portolan')]
    const runtime = await createCpuRuntime({ threads: 1 })
    const photographs = readdirSync(at('photos')).map(name => ({ file: at('photos', name) }))
    const amongFive = async (): Promise<Set<number>> => {
      const { predictions } = await classify(await loadClassifier(model), runtime, photographs)
      return new Set(predictions.flatMap(({ logits }) => strongest(logits, 5).map(({ index }) => index)))
    }
    const aux = await amongFive()
    describeAs(model, { logits: 'logits' })
    const main = await amongFive()
    await runtime.close()
    const source = [...aux].find(index => main.has(index))!
    const patch = photographs[0]!.file
    const Trials = z.object({ trials: z.array(z.object({ winner: z.int() }).loose()) })
    const trials = async (into: string) => {
      const file = `${into}.trials.json`
      await succeed(
        ...['patch', 'experiment', into, '--model', model, '--images', at('photos'), '--patch', patch],
        ...['--source', String(source), '--target', String((source + 1) % 10), '--sizes', '0.5'],
        ...['--positions', 'grid:1', '--resamplings', '200'],
        ...['--noise', '1', '--no-mean', '--shuffled', '0', '--trials', file],
      )
      return Trials.parse(JSON.parse(readFileSync(file, 'utf8'))).trials
    }
    describeAs(model, {})
    const before = await trials(project)
    describeAs(model, { logits: 'logits' })
    const after = await trials(project)
    const fresh = await trials(at('experiment', 'fresh.portolan'))
    const readings = (list: typeof before) =>
      list.map(({ winner, sourceLogit, source_logit: other }) => [winner, sourceLogit ?? other])
    expect(readings(after)).toEqual(readings(fresh))
    expect(readings(after)).not.toEqual(readings(before))
  },
  PATIENCE,
)
