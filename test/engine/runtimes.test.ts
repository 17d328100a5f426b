import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { PLAIN_LOOK } from '../../electron/contract/placement.ts'
import { type RuntimeChoice, RuntimeName } from '../../electron/contract/runtimes.ts'
import { IMAGE_GRID, makeGrid } from '../../electron/engine/image/grid.ts'
import { Inference } from '../../electron/engine/inference/inference.ts'
import { RememberedRuntimes } from '../../electron/engine/inference/remembered.ts'
import { describeJob } from '../../electron/engine/jobs/list.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { enterExperiment, PATCH_EXPERIMENT } from '../../electron/engine/patch/experiment/run.ts'
import { addPatch } from '../../electron/engine/patch/gallery.ts'
import { PATCH_GENERATE } from '../../electron/engine/patch/generate.ts'
import { enterSuggestion, PATCH_SUGGEST } from '../../electron/engine/patch/suggest/suggest.ts'
import { enterSweep, PATCH_SWEEP } from '../../electron/engine/patch/sweep/run.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { runtimeOf } from '../../electron/engine/pipelines/kinds.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { BACKENDS } from '../../electron/engine/runtime/backends.ts'
import { probe } from '../../electron/engine/runtime/probe.ts'
import type { Json } from '../../electron/engine/store/json.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { FAULTS, type Fault, faultyBackend } from '../fixtures/faulty-runtime.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const cpu = BACKENDS.find(({ name }) => name === 'cpu')!
const folder = mkdtempSync(join(tmpdir(), 'portolan-runtimes-'))
const model = join(folder, 'net.onnx')
const photo = join(folder, 'photographs', '000.jpg')
let classifier: Classifier
beforeAll(async () => {
  await writeNetwork(model)
  await writePhotographs(join(folder, 'photographs'), 1)
  classifier = await loadClassifier(model)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const rememberedFile = (): string => join(folder, `remembered-${++files}`, 'runtimes.json')

const begun: Inference[] = []
afterEach(async () => {
  for (const inference of begun.splice(0)) await inference.close()
})
const inferenceWith = (
  faults: { readonly cuda?: Fault; readonly webgpu?: Fault },
  { file = rememberedFile(), choice }: { file?: string; choice?: RuntimeChoice } = {},
): Inference => {
  const others = (['cuda', 'webgpu'] as const).flatMap(name =>
    faults[name] === undefined ? [] : [faultyBackend(name, faults[name])],
  )
  const inference = new Inference({
    backends: [...others, cpu],
    remembered: new RememberedRuntimes(file),
    threads: 1,
    choice,
  })
  begun.push(inference)
  return inference
}

test('a device that is tried leaves no temporary files, whether it is there or not', async () => {
  const temporary = mkdtempSync(join(folder, 'temporary-'))
  vi.stubEnv('TMPDIR', temporary)
  await probe('webgpu')
  vi.unstubAllEnvs()
  expect(readdirSync(temporary).filter(name => name.startsWith('portolan'))).toEqual([])
})

describe('calibration', () => {
  test('measures available runtimes, refuses wrong numbers, and is stored for this model and these devices', async () => {
    const file = rememberedFile()
    const faults = { cuda: FAULTS['that gives wrong numbers at once'], webgpu: { missing: 'there is no adapter' } }
    const stages: string[] = []
    const calibration = await inferenceWith(faults, { file }).calibrate(classifier, {
      report: ({ stage }) => stages.push(stage),
    })
    expect(calibration.winner).toBe('cpu')
    const [cuda, own] = calibration.measurements
    expect(cuda).toMatchObject({ name: 'cuda', stepMs: null })
    expect(cuda!.refused).toMatch(/^its outputs differ from the CPU's by \d+\.\d %$/)
    expect(own).toMatchObject({ name: 'cpu', refused: null, error: 0 })
    expect(own!.forwardMs).toBeGreaterThan(0)
    expect(own!.stepMs).toBeGreaterThan(0)
    expect(own!.batch).toBeGreaterThanOrEqual(4)
    expect(stages).toEqual(['measuring cuda', 'measuring CPU', 'measuring'])

    const state = await inferenceWith(faults, { file }).state(classifier.hash)
    expect(state).toMatchObject({ choice: 'auto', inUse: 'cpu', calibration })
    expect((await inferenceWith(faults, { file }).state('another model')).calibration).toBeNull()
    const other = await inferenceWith({ cuda: {}, webgpu: {} }, { file }).state(classifier.hash)
    expect(other.calibration).toBeNull()
  })

  test('runs once for two jobs that start together', async () => {
    const stages: string[] = []
    const inference = inferenceWith({ cuda: {} })
    const waiting = { report: ({ stage }: { stage: string }) => stages.push(stage) }
    await Promise.all([inference.runtimeFor(classifier, waiting), inference.runtimeFor(classifier, waiting)])
    expect(stages.filter(stage => stage === 'measuring cuda')).toHaveLength(1)
  })

  test.each(Object.entries(FAULTS))('refuses a runtime %s, with the reason', async (_, fault: Fault) => {
    const { measurements, winner } = await inferenceWith({ webgpu: fault }).calibrate(classifier)
    expect(winner).toBe('cpu')
    expect(measurements.find(({ name }) => name === 'webgpu')!.refused).toMatch(
      fault.onStart ?? fault.onLoad ?? (fault.throwsAt ? /the device was lost/ : /finite|differ from the CPU's/),
    )
  })

  test('the fastest correct runtime is used, with its fastest batch, and the others are its fallbacks', async () => {
    const file = rememberedFile()
    const first = inferenceWith({ cuda: {}, webgpu: {} }, { file })
    const calibration = await first.calibrate(classifier)
    expect(calibration.measurements.map(({ refused }) => refused)).toEqual([null, null, null])
    // Three names of one processor: which of them wins is chance, so the measurement is set.
    const set = { cuda: 2, webgpu: 1, cpu: 5 } as Record<string, number>
    const measurements = calibration.measurements.map(each => ({ ...each, stepMs: set[each.name]!, batch: 6 }))
    const content = JSON.parse(readFileSync(file, 'utf8'))
    content.calibrations[0].calibration = { ...calibration, winner: 'webgpu', measurements }
    writeFileSync(file, JSON.stringify(content))
    const runtime = await inferenceWith({ cuda: {}, webgpu: {} }, { file }).runtime(classifier.hash)
    expect(runtime.identity.name).toBe('webgpu')
    expect(runtime.fallback?.batch).toBe(6)
    await runtime.fallback?.disable(runtime.identity, 'was taken away')
    expect(runtime.identity.name).toBe('cuda')
    await runtime.fallback?.disable(runtime.identity, 'was taken away, too')
    expect(runtime.identity.name).toBe('cpu')
    expect(runtime.fallback?.batch).toBeUndefined()
  })

  test('runs automatically on first use where there is a separate device, and not again', async () => {
    const file = rememberedFile()
    const notes: string[] = []
    const note = (text: string) => notes.push(text)
    await inferenceWith({ webgpu: { missing: 'no adapter' } }, { file }).runtimeFor(classifier, { note })
    // Devices are looked for once a day, and whenever somebody requests their state.
    await inferenceWith({ webgpu: {} }, { file }).runtimeFor(classifier, { note })
    expect(notes).toEqual([])
    await inferenceWith({ webgpu: {} }, { file }).state(classifier.hash)
    await inferenceWith({ webgpu: {} }, { file }).runtimeFor(classifier, { note })
    expect(notes).toEqual(['first use of Net: measuring webgpu and the CPU, about ten seconds each'])
    await inferenceWith({ webgpu: {} }, { file }).runtimeFor(classifier, { note })
    expect(notes).toHaveLength(1)
  })
})

describe('a choice', () => {
  test('is remembered for its model, and refused where the runtime is not there', async () => {
    const file = rememberedFile()
    const faults = { cuda: {}, webgpu: { missing: 'there is no adapter' } }
    await inferenceWith(faults, { file }).choose(classifier.hash, 'cuda')
    const inference = inferenceWith(faults, { file })
    expect(await inference.state(classifier.hash)).toMatchObject({ choice: 'cuda', inUse: 'cuda' })
    expect((await inference.runtime(classifier.hash)).identity.name).toBe('cuda')
    expect((await inference.state('another model')).choice).toBe('auto')
    const missing = 'cannot run on webgpu: there is no adapter (install it); portolan runtimes lists the available ones'
    await expect(inference.choose(classifier.hash, 'webgpu')).rejects.toThrow(missing)
    await expect(inferenceWith(faults, { choice: 'webgpu' }).runtime('any')).rejects.toThrow(missing)
    await expect(inference.choose(classifier.hash, 'coreml')).rejects.toThrow(
      'it is unknown to this version of Portolan',
    )
  })

  test('an unreadable file is reported, and ignored', async () => {
    const file = rememberedFile()
    mkdirSync(join(file, '..'))
    writeFileSync(file, '{"version": 7}')
    const notes: string[] = []
    const runtime = await inferenceWith({ cuda: {} }, { file }).runtime(classifier.hash, {
      note: text => notes.push(text),
    })
    expect(runtime.identity.name).toBe('cpu')
    expect(notes[0]).toContain(`cannot read ${file}`)
  })
})

test.each(Object.entries(FAULTS))(
  'a job on a runtime %s completes on the next: icons, log and listeners report it',
  async (what, fault: Fault) => {
    const inference = inferenceWith({ webgpu: fault }, { choice: 'webgpu' })
    const reported: string[] = []
    inference.pool.listen(({ runtime, next }) => reported.push(`${runtime} → ${next}`))
    using db = createProject(join(folder, `${what}.portolan`), { command: 'a test' })
    const order = {
      model,
      image: photo,
      layer: classifier.layers.at(-1)!.name,
      preset: 'draft' as const,
      seed: 0,
    }
    const { job } = await runJob(db, IMAGE_GRID, order, async context =>
      makeGrid(
        db,
        order,
        classifier,
        context,
        await runtimeOf(db, inference, { kind: IMAGE_GRID, params: order }, context),
      ),
    )
    const { state, log } = describeJob(db, job)
    expect(state).toBe('done')
    expect(reported).toEqual(['webgpu → cpu'])
    expect(log.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      expect.stringMatching(/^warning: webgpu .+; using cpu until/),
    ])
    const made = new Database(db.file, { readonly: true }).prepare('SELECT runtime FROM icons').pluck().all()
    expect(made.length).toBeGreaterThan(0)
    expect(made.map(runtime => JSON.parse(runtime as string).name)).toEqual(made.map(() => 'cpu'))
  },
)

/** Another network of the same form: its first weights are twice as large. */
const scaled = (graph: Graph): Graph => {
  const [name, tensor] = [...graph.initializers].find(([, { type }]) => type === 'float32')!
  const data = Float32Array.from(tensor.data as Float32Array, value => 2 * value)
  return { ...graph, initializers: new Map([...graph.initializers, [name, { ...tensor, data } as typeof tensor]]) }
}

test('a patch job runs on the runtime chosen for its own model, not for the first of the project', async () => {
  const other = join(folder, 'other.onnx')
  await writeNetwork(other, { change: scaled })
  const second = await loadClassifier(other)
  expect(second.hash).not.toBe(classifier.hash)
  const inference = inferenceWith({ cuda: {}, webgpu: {} })
  await inference.choose(classifier.hash, 'cuda')
  await inference.choose(second.hash, 'webgpu')
  using db = createProject(join(folder, 'two-models.portolan'), { command: 'a test' })
  for (const each of [classifier, second]) enterModel(db, each)
  await enterPhotographs(db, [join(folder, 'photographs')], { signal: new AbortController().signal, report: () => {} })
  const patch = (await addPatch(db, { kind: 'file', file: photo })).id
  const common = { source: 0, target: 1, look: PLAIN_LOOK, sizes: [0.5] }
  const measured = { ...common, population: 'top5' as const, folders: null, seed: 0, resamplings: 100 }
  const positions = { kind: 'corners' as const }
  const controls = { noise: 0, mean: false, shuffled: 0 }
  const runtimeFor = async (kind: string, params: Json): Promise<string> => {
    const context = { signal: new AbortController().signal, report: () => {}, log: () => {} }
    return (await runtimeOf(db, inference, { kind, params }, context)).identity.name
  }
  for (const [each, name] of [
    [classifier, 'cuda'],
    [second, 'webgpu'],
  ] as const) {
    const model = each.hash
    const plan = { ...measured, name, models: [model], patches: [patch], positions, controls }
    const experiment = enterExperiment(db, plan, [each]).id
    expect(await runtimeFor(PATCH_EXPERIMENT, { experiment })).toBe(name)
    const request = { ...measured, model, cells: null, candidates: 1, positions, noise: 1 }
    const suggestion = enterSuggestion(db, request, each).id
    expect(await runtimeFor(PATCH_SUGGEST, { suggestion })).toBe(name)
    const sweep = enterSweep(db, { ...common, model, image: 1, patch, positions: 2 }).id
    expect(await runtimeFor(PATCH_SWEEP, { sweep })).toBe(name)
    const order = { model, direction: { kind: 'class' as const, class: 0 }, preset: 'draft' as const, seed: 0 }
    expect(await runtimeFor(PATCH_GENERATE, { order })).toBe(name)
  }
  // Of an experiment on both models, the first is the one that is named first.
  const both = enterExperiment(
    db,
    { ...measured, name: 'both', models: [second.hash, classifier.hash], patches: [patch], positions, controls },
    [second, classifier],
  )
  expect(await runtimeFor(PATCH_EXPERIMENT, { experiment: both.id })).toBe('webgpu')
})

test('the command lists missing runtimes, measures, and runs on the chosen one', async () => {
  vi.stubEnv('PORTOLAN_DATA', join(folder, 'data'))
  const listed = await startPortolan('runtimes', model, '--json').ended
  expect(listed.status).toBe(0)
  const { runtimes, inUse, calibration } = JSON.parse(listed.out)
  expect(runtimes.map(({ name }: { name: string }) => name)).toEqual(RuntimeName.options)
  expect(runtimes[0]).toMatchObject({ name: 'cpu', missing: null })
  for (const { missing, remedy } of runtimes) for (const text of [missing, remedy]) expect(text ?? '').not.toMatch(/\n/)
  expect([inUse, calibration]).toEqual(['cpu', null])
  const { out } = await startPortolan('runtimes', model).ended
  for (const { title, missing, remedy } of runtimes as {
    title: string
    missing: string | null
    remedy: string | null
  }[])
    expect(out.split('\n').find(line => line.includes(`${title}  `))).toMatch(
      new RegExp(`${RegExp.escape(missing ?? '')}.*${RegExp.escape(remedy ?? '')}$`),
    )
  const refused = await startPortolan('classify', model, photo, '--runtime', 'abacus').ended
  expect([refused.status, refused.err]).toEqual([2, expect.stringContaining('--runtime takes auto, cpu')])
})
