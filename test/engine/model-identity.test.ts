import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { runCommandLine } from '../../electron/engine/cli/program.ts'
import { classify, strongest } from '../../electron/engine/model/classify.ts'
import { networkIn, readModel } from '../../electron/engine/model/file.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime.ts'
import { writePhotographs } from '../fixtures/project-files.ts'
import { twoHeads, twoHeadsSidecar, writeWithExternalData } from '../fixtures/two-heads.ts'

/** What identifies a model, and what is computed again when a part of it is corrected. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-identity-'))
const at = (...names: string[]): string => join(folder, ...names)
const PHOTOGRAPHS = 8
/** Builds of seconds, several in a test, on machines that have other work. */
const PATIENCE = 300_000

async function portolan(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const status = await runCommandLine(args, {
    stdout: { write: text => out.push(text) },
    stderr: { write: text => err.push(text) },
    signal: new AbortController().signal,
    now: () => 0,
  })
  return { status, out: out.join(''), err: err.join('') }
}
const done = async (...args: string[]) => {
  const ended = await portolan(...args)
  expect(ended.status, ended.err).toBe(0)
  return ended
}

const Built = z.object({ stages: z.array(z.object({ name: z.string(), outcome: z.string() })) })
async function build(project: string, model: string, layers = 'early,late') {
  // An icon that shows nothing makes a build incomplete, and none the less right.
  const { out, err } = await portolan(
    ...['atlas', 'build', project, '--model', model, '--images', at('photos'), '--layers', layers],
    ...['--grid', '2', '--least', '1', '--preset', 'draft', '--steps', '2', '--samples', '32', '--neighbours', '5'],
    '--json',
  )
  expect(out, err).not.toBe('')
  const { stages } = Built.parse(JSON.parse(out))
  return { outcomes: Object.fromEntries(stages.map(({ name, outcome }) => [name, outcome])), err }
}

const Cell = z.object({
  i: z.int(),
  j: z.int(),
  label: z.object({ class: z.int(), name: z.string().optional() }),
  for: z.array(z.object({ class: z.int(), value: z.number() })),
  icon: z.object({ key: z.string() }),
})
async function cellsOf(project: string, layer: string) {
  const file = `${project}.${layer}.json`
  const { err } = await done('atlas', 'export', project, '--layer', layer, '--grid', '2', '--cells', file)
  const { cells } = z.object({ cells: z.array(Cell) }).parse(JSON.parse(readFileSync(file, 'utf8')))
  return { cells, err }
}

/** A folder with the network and a sidecar of its own. */
function modelIn(name: string, change: Readonly<Record<string, unknown>> = {}): string {
  mkdirSync(at(name), { recursive: true })
  const model = at(name, 'net.onnx')
  copyFileSync(at('net.onnx'), model)
  describeAs(model, change)
  return model
}
const describeAs = (model: string, change: Readonly<Record<string, unknown>>): void =>
  writeFileSync(model.replace(/onnx$/, 'model.json'), JSON.stringify(twoHeadsSidecar(change)))

const STAGES = ['second moment', 'layout', '2 × 2 cells', 'icons'] as const
const every = (outcome: string, layers = ['early', 'late']) => ({
  samples: outcome,
  ...Object.fromEntries(layers.flatMap(layer => STAGES.map(stage => [`${layer}: ${stage}`, outcome]))),
})

beforeAll(async () => {
  await writePhotographs(at('photos'), PHOTOGRAPHS)
  writeFileSync(at('net.onnx'), writeGraph(twoHeads()))
  await build(at('base.portolan'), modelIn('base'))
}, PATIENCE)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A project that was built with the sidecar as it was first, and its model described otherwise since. */
function corrected(name: string, change: Readonly<Record<string, unknown>>) {
  mkdirSync(at(name))
  const project = at(name, 'p.portolan')
  copyFileSync(at('base.portolan'), project)
  return { project, model: modelIn(name, change) }
}

const input = (change: Readonly<Record<string, unknown>>) => ({ input: { ...twoHeadsSidecar().input, ...change } })
const early = { ...every('reused'), samples: 'reused' }
const attributions = {
  ...every('reused'),
  samples: 'continued',
  'early: 2 × 2 cells': 'computed',
  'late: 2 × 2 cells': 'computed',
}
/** Every field of a sidecar: what is computed again when it is corrected, and what is kept. */
const FIELDS: readonly [string, Readonly<Record<string, unknown>>, Readonly<Record<string, string>>][] = [
  ['name', { name: 'Another' }, early],
  ['license', { license: 'CC0' }, early],
  ['source', { source: 'elsewhere' }, early],
  ['unconfirmed', { unconfirmed: ['input.mean'] }, early],
  ['labels', { labels: Array.from({ length: 10 }, (_, i) => `renamed ${i}`) }, early],
  ['layers: another one of the same resolution', { layers: { early: 'conv1', late: 'conv2', pool: 'pool1' } }, early],
  ['logits', { logits: 'logits' }, attributions],
  ['probabilities', { probabilities: 'sigmoid' }, attributions],
  ['input.channels', input({ channels: 'BGR' }), every('computed')],
  ['input.range', input({ range: [0, 255] }), every('computed')],
  ['input.mean', input({ mean: [0.4, 0.5, 0.5] }), every('computed')],
  ['input.std', input({ std: [0.2, 0.3, 0.3] }), every('computed')],
  ['input.resize', input({ resize: 'crop' }), every('computed')],
  ['input.size', input({ size: 40 }), every('computed')],
]

describe('a corrected sidecar', () => {
  test.each(FIELDS)(
    '%s: what depends on it is computed again, and nothing else',
    async (field, change, expected) => {
      const { project, model } = corrected(`field ${field.replaceAll(/\W+/g, '-')}`, change)
      const { outcomes } = await build(project, model)
      expect(outcomes).toMatchObject(expected)
      expect((await build(project, model)).outcomes).toMatchObject(early)
    },
    PATIENCE,
  )

  test(
    'of the logits gives cells their other classes, and leaves their icons',
    async () => {
      const { project, model } = corrected('other-head', { logits: 'logits' })
      const before = await cellsOf(project, 'late')
      await build(project, model)
      const after = await cellsOf(project, 'late')
      await build(at('fresh-head.portolan'), model)
      const fresh = await cellsOf(at('fresh-head.portolan'), 'late')
      expect(after.cells).toEqual(fresh.cells)
      expect(after.cells.map(cell => cell.for)).not.toEqual(before.cells.map(cell => cell.for))
      expect(after.cells.map(({ icon }) => icon.key)).toEqual(before.cells.map(({ icon }) => icon.key))
      // Both are in the project; the one of the present description is meant, and that is said.
      expect(after.err).toContain('made before the model was changed or its description corrected')
      const scoped = await done(
        'class-atlas',
        project,
        '--layer',
        'late',
        '--class',
        '3',
        '--magnitude',
        '9',
        '--steps',
        '2',
        '--json',
      )
      const own = await done(
        'class-atlas',
        at('fresh-head.portolan'),
        '--layer',
        'late',
        '--class',
        '3',
        '--magnitude',
        '9',
        '--steps',
        '2',
        '--json',
      )
      const Cells = z.object({ grids: z.json() }).loose()
      expect(Cells.parse(JSON.parse(scoped.out)).grids).toEqual(Cells.parse(JSON.parse(own.out)).grids)
    },
    PATIENCE,
  )

  test(
    'that gives layers other names computes nothing again: they are known by their tensors',
    async () => {
      const before = [await cellsOf(at('base.portolan'), 'early'), await cellsOf(at('base.portolan'), 'late')]
      const { project, model } = corrected('renamed', { layers: { first: 'conv1', second: 'conv2' } })
      expect((await build(project, model, 'first,second')).outcomes).toMatchObject(every('reused', ['first', 'second']))
      expect((await cellsOf(project, 'first')).cells).toEqual(before[0]!.cells)

      const swapped = corrected('swapped', { layers: { early: 'conv2', late: 'conv1' } })
      expect((await build(swapped.project, swapped.model)).outcomes).toMatchObject(every('reused'))
      expect((await cellsOf(swapped.project, 'late')).cells).toEqual(before[0]!.cells)
      expect((await cellsOf(swapped.project, 'early')).cells).toEqual(before[1]!.cells)
    },
    PATIENCE,
  )

  test(
    'is noted by commands on what was made before, which go on as it was made',
    async () => {
      const { project } = corrected('noted', { logits: 'logits' })
      // The project looks for its model where it was built: that sidecar is corrected, and not entered again.
      const model = modelIn('noted-model')
      await build(project, model)
      describeAs(model, { logits: 'logits', layers: { early: 'conv2', late: 'conv1' } })
      const ended = await done(
        'class-atlas',
        project,
        '--layer',
        'late',
        '--class',
        '3',
        '--magnitude',
        '9',
        '--steps',
        '2',
      )
      expect(ended.err).toContain('says something else than the project (logits, layers)')
      const info = await done('project', 'info', project)
      expect(info.out).toContain('says something else than the project (logits, layers)')
    },
    PATIENCE,
  )
})

test(
  'a corrected head has other trials of the same experiment',
  async () => {
    mkdirSync(at('experiment'))
    const [model, project] = [modelIn('experiment'), at('experiment', 'p.portolan')]
    const runtime = await createCpuRuntime({ threads: 1 })
    const photographs = readdirSync(at('photos')).map(name => ({ file: at('photos', name) }))
    const amongFive = async (): Promise<Set<number>> => {
      const { answers } = await classify(await loadClassifier(model), runtime, photographs)
      return new Set(answers.flatMap(({ logits }) => strongest(logits, 5).map(({ index }) => index)))
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
      await done(
        ...['patch', 'experiment', into, '--model', model, '--images', at('photos'), '--patch', patch],
        ...[
          '--source',
          String(source),
          '--target',
          String((source + 1) % 10),
          '--sizes',
          '0.5',
          '--positions',
          'grid:1',
          '--resamplings',
          '200',
        ],
        ...['--noise', '1', '--no-mean', '--shuffled', '0', '--trials', file],
      )
      return Trials.parse(JSON.parse(readFileSync(file, 'utf8'))).trials
    }
    describeAs(model, {})
    const before = await trials(project)
    describeAs(model, { logits: 'logits' })
    const after = await trials(project)
    const fresh = await trials(at('experiment', 'fresh.portolan'))
    const told = (list: typeof before) =>
      list.map(({ winner, sourceLogit, source_logit: other }) => [winner, sourceLogit ?? other])
    expect(told(after)).toEqual(told(fresh))
    expect(told(after)).not.toEqual(told(before))
  },
  PATIENCE,
)

describe('weights in files of their own', () => {
  test('are a part of the network', async () => {
    mkdirSync(at('external'))
    const model = at('external', 'net.onnx')
    await writeWithExternalData(model, twoHeads(1))
    const [bytes, first] = [readFileSync(model), await networkIn(model)]
    expect(first.data).toEqual(['net.onnx.data'])
    await writeWithExternalData(model, twoHeads(2))
    expect(readFileSync(model)).toEqual(bytes)
    const second = await networkIn(model)
    expect(second.graphHash).toBe(first.graphHash)
    expect(second.hash).not.toBe(first.hash)
    expect((await readModel(model)).hash).toBe(second.hash)
    await writeWithExternalData(model, twoHeads(1))
    expect((await readModel(model)).hash).toBe(first.hash)
    // Without such files the identity is the hash of the file, as projects have always had it.
    const { hash, graphHash } = await networkIn(at('net.onnx'))
    expect(hash).toBe(graphHash)
  })

  test(
    'overwritten are another model: a build makes other atlases, and what was made before says so',
    async () => {
      mkdirSync(at('retrained'))
      const [model, project] = [at('retrained', 'net.onnx'), at('retrained', 'p.portolan')]
      describeAs(model, {})
      await writeWithExternalData(model, twoHeads(1))
      await build(project, model)
      const before = await cellsOf(project, 'late')
      copyFileSync(project, at('retrained', 'old.portolan'))
      await writeWithExternalData(model, twoHeads(2))
      const old = at('retrained', 'old.portolan')
      for (const args of [
        ['class-atlas', old, '--layer', 'late', '--class', '3', '--steps', '2'],
        ['compare', old, '--layer', 'late', '--classes', '3,4', '--steps', '2'],
        ['atlas', 'layout', old, '--layers', 'late', '--grid', '2', '--neighbours', '4'],
      ]) {
        const ended = await portolan(...args)
        expect([ended.status, ended.err]).toEqual([1, expect.stringContaining(`${model} is another model now`)])
      }
      expect((await done('project', 'info', old)).out).toContain('is another model now')
      expect((await build(project, model)).outcomes).toMatchObject(every('computed'))
      const after = await cellsOf(project, 'late')
      expect(after.cells).not.toEqual(before.cells)
      await build(at('retrained', 'fresh.portolan'), model)
      expect(after.cells).toEqual((await cellsOf(at('retrained', 'fresh.portolan'), 'late')).cells)
    },
    PATIENCE,
  )
})

describe('where a model is', () => {
  test(
    'moved together with its project it is found, and apart from it named with --model',
    async () => {
      mkdirSync(at('here'))
      const model = modelIn(join('here', 'models'))
      const project = at('here', 'p.portolan')
      await build(project, model)
      renameSync(at('here'), at('there'))
      const args = ['--layer', 'late', '--class', '3', '--magnitude', '9', '--steps', '2']
      await done('class-atlas', at('there', 'p.portolan'), ...args)

      mkdirSync(at('alone'))
      cpSync(at('there', 'p.portolan'), at('alone', 'p.portolan'))
      // A stranger's model at the place where the project looks, and another one's sidecar: neither is taken.
      const ended = await portolan('class-atlas', at('alone', 'p.portolan'), ...args)
      expect(ended.status).toBe(1)
      for (const text of [`not at ${model}`, `nor at ${at('alone', 'models', 'net.onnx')}`, '--model'])
        expect(ended.err).toContain(text)
      await done('class-atlas', at('alone', 'p.portolan'), ...args, '--model', at('there', 'models', 'net.onnx'))
      // Named once it is known.
      await done('class-atlas', at('alone', 'p.portolan'), ...args, '--class', '4')
      const wrong = await portolan('class-atlas', at('alone', 'p.portolan'), ...args, '--model', at('wrong.onnx'))
      expect(wrong.status).toBe(1)
    },
    PATIENCE,
  )

  test('names of classes come from the project, also where nothing else is left of it', async () => {
    mkdirSync(at('names'))
    const project = at('names', 'p.portolan')
    copyFileSync(at('base.portolan'), project)
    const { cells } = await cellsOf(project, 'late')
    for (const { label } of cells) expect(label.name).toBe(`thing ${label.class}`)
  })

  test(
    'a path that was typed in one folder is never one of another folder',
    async () => {
      mkdirSync(at('typed'))
      const model = modelIn(join('typed', 'six'))
      const project = at('typed.portolan')
      const before = process.cwd()
      try {
        process.chdir(at('typed'))
        await build(project, join('six', 'net.onnx'))
        // Another folder with a model of the same relative path, whose sidecar says other names.
        mkdirSync(at('elsewhere'))
        describeAs(modelIn(join('elsewhere', 'six')), { labels: Array.from({ length: 10 }, (_, i) => `strange ${i}`) })
        process.chdir(at('elsewhere'))
        const { cells } = await cellsOf(project, 'late')
        for (const { label } of cells) expect(label.name).toBe(`thing ${label.class}`)
        await done('class-atlas', project, '--layer', 'late', '--class', 'thing 3', '--magnitude', '9', '--steps', '2')
        expect((await done('project', 'info', project)).out).toContain(model)
      } finally {
        process.chdir(before)
      }
    },
    PATIENCE,
  )
})
