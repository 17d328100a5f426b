import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Input, Output } from '../../electron/contract/calls.ts'
import { Trial } from '../../electron/contract/experiment-result.ts'
import { extentOf, PatchLook, placeWithin } from '../../electron/contract/placement.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { type FrameClassifier, frameClassifier, readingOf } from '../../electron/engine/patch/classify.ts'
import { backgroundOf, compose } from '../../electron/engine/patch/compose.ts'
import { pictureOfPatch } from '../../electron/engine/patch/gallery.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import type { Readable } from '../../electron/engine/store/sql.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { portolan } from '../fixtures/command-line.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { winnerOf, writeTintedPatches } from '../fixtures/patch-pictures.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** What is crafted is what is measured: a look, from the plan that the window sends to every trial. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-placement-'))
const path = (name: string): string => join(folder, name)
const CRAFTED = PatchLook.parse({
  rotation: 30,
  opacity: 0.8,
  blend: 'multiply',
  mask: 'circle',
  feather: 0.25,
  aspect: 'kept',
})
const OTHER = PatchLook.parse({ rotation: -45, opacity: 0.6, mask: 'square', aspect: 'photograph' })
const [SIZES, CORNERS] = [
  [0.4, 0.7],
  [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ],
] as const

let engine: EngineClient
let model: string
let red: number
let blue: number
let source: number
let target: number
let classifier: Classifier
let runtime: Runtime
let net: FrameClassifier

beforeAll(async () => {
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photographs'), 12)
  await writeTintedPatches(folder)
  classifier = await loadClassifier(path('net.onnx'))
  runtime = await createCpuRuntime({ threads: 1 })
  net = await frameClassifier(classifier, runtime)
  source = await winnerOf(classifier, runtime, path('photographs/000.jpg'))
  target = source === 1 ? 2 : 1
  engine = await EngineClient.start(folder)
  await engine.call('project.create', { file: path('lab.portolan') })
  model = (await engine.call('models.add', { file: path('net.onnx') })).hash
  await engine.ended((await engine.call('folder.add', { folder: path('photographs') })).job)
  red = (await engine.call('patch.add', { kind: 'file', file: path('red.png') })).id
  blue = (await engine.call('patch.add', { kind: 'file', file: path('blue.png') })).id
}, 60_000)
afterAll(async () => {
  await engine.stop()
  await runtime.close()
  rmSync(folder, { recursive: true, force: true })
})

const planned = (changes: Partial<Input<'experiment.start'>> = {}): Input<'experiment.start'> => ({
  name: 'crafted',
  models: [model],
  source,
  target,
  population: 'top5',
  folders: null,
  patches: [red],
  look: CRAFTED,
  sizes: [...SIZES],
  positions: { kind: 'corners' },
  controls: { noise: 1, mean: true, shuffled: 3 },
  seed: 0,
  resamplings: 100,
  ...changes,
})

async function experimented(plan: Input<'experiment.start'>): Promise<number> {
  const { job, experiment } = await engine.call('experiment.start', plan)
  expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
  return experiment
}

async function trialsOf(experiment: number): Promise<readonly Trial[]> {
  const { trials, total } = await engine.call('experiment.trials', {
    experiment,
    model: null,
    patch: null,
    image: null,
    flipped: false,
    order: 'photograph',
    offset: 0,
    limit: 500,
  })
  expect(trials).toHaveLength(total)
  return trials
}

/** A patch composed by hand at a size and a place, and classified. */
async function byHand(
  db: Readable,
  { file, patch, size, x, y }: Pick<Trial, 'file' | 'patch' | 'size' | 'x' | 'y'>,
  look: PatchLook,
) {
  const background = await backgroundOf(classifier, path(`photographs/${file}`))
  const picture = await pictureOfPatch(db, patch)
  const extent = extentOf({ size, aspect: look.aspect }, picture, background.original)
  const placement = { ...look, ...placeWithin({ x, y }, extent), patch, size, hidden: false }
  const { rgb } = compose(background, [placement], new Map([[patch, { ...picture, name: '' }]]))
  return { placement, ...readingOf(classifier, await net.logits(rgb), 0, source, target) }
}

async function requireMeasuredAs(trials: readonly Trial[], lookOf: (trial: Trial) => PatchLook): Promise<void> {
  using db = openProject(path('lab.portolan'), { mode: 'read' })
  expect(trials.length).toBeGreaterThan(0)
  for (const trial of trials) {
    const { placement, ...reading } = await byHand(db, trial, lookOf(trial))
    expect(trial.composition.patches).toEqual([placement])
    expect(trial.winner).toBe(reading.winner)
    expect(Math.abs(trial.targetProbability - reading.targetProbability)).toBeLessThan(1e-6)
    expect(Math.abs(trial.sourceProbability - reading.sourceProbability)).toBeLessThan(1e-6)
  }
}

describe('what is crafted is what is measured', () => {
  it('by an experiment, with controls placed as the patch that they control', async () => {
    const trials = await trialsOf(await experimented(planned()))
    expect(new Set(trials.map(({ group }) => group)).size).toBe(4)
    // 40 × 30 pixels has the patch: every control covers as much.
    for (const patch of new Set(trials.map(trial => trial.patch))) {
      const { width, height } = await engine.call('patch.get', { patch })
      expect(width / height).toBeCloseTo(4 / 3, 2)
    }
    await requireMeasuredAs(trials, () => CRAFTED)
  }, 60_000)

  it('by an experiment on patches that look differently', async () => {
    const plan = planned({
      patches: [red, blue],
      looks: [{ patch: blue, look: OTHER }],
      sizes: [0.6],
      positions: { kind: 'fixed', x: 1, y: 0 },
      controls: { noise: 3, mean: true, shuffled: 2 },
    })
    const { perPhotograph } = await engine.call('experiment.estimate', plan)
    // Two patches, three of noise, a mean colour for each look, two shuffled.
    expect(perPhotograph).toBe(9)
    const experiment = await experimented(plan)
    const { models } = await engine.call('experiment.result', { experiment })
    const looks = new Map(
      models[0]!.patches.map(({ patch }, k) => [patch, [0, 2, 4, 5, 7].includes(k) ? CRAFTED : OTHER] as const),
    )
    expect(models[0]!.patches.map(({ group }) => group).join(' ')).toBe(
      'real real noise noise noise mean mean shuffled shuffled',
    )
    await requireMeasuredAs(await trialsOf(experiment), ({ patch }) => looks.get(patch)!)
  }, 60_000)

  it('by a sweep', async () => {
    const { job, sweep } = await engine.call('sweep.start', {
      ...{ model, image: 1, patch: red, look: CRAFTED, source, target, sizes: [...SIZES], positions: 2 },
    })
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const found = await engine.call('sweep.get', { sweep })
    expect(found.plan.look).toEqual(CRAFTED)
    const { photographs } = await engine.call('photograph.list', { text: '', offset: 0, limit: 1 })
    const file = photographs[0]!.file.replace(/^.*[\\/]/, '')
    using db = openProject(path('lab.portolan'), { mode: 'read' })
    for (const [s, size] of SIZES.entries())
      for (const [p, [x, y]] of CORNERS.entries()) {
        const reading = await byHand(db, { file, patch: red, size, x, y }, CRAFTED)
        expect(found.winner[4 * s + p]).toBe(reading.winner)
        expect(Math.abs(found.targetProbability[4 * s + p]! - reading.targetProbability)).toBeLessThan(1e-6)
      }
  }, 60_000)

  it('by suggestions, candidates and noise alike', async () => {
    const built = await engine.call('atlas.build', smallPlan({ model, layers: ['mixed3a'] }))
    expect(await engine.ended(built.job)).toMatchObject({ state: 'done' })
    const { job, suggestion } = await engine.call('suggestion.start', {
      model,
      source,
      target,
      population: 'top5',
      folders: null,
      cells: null,
      candidates: 3,
      look: CRAFTED,
      sizes: [0.5],
      positions: { kind: 'fixed', x: 0, y: 1 },
      noise: 2,
      seed: 0,
      resamplings: 100,
    })
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const trials = await trialsOf(suggestion)
    expect(new Set(trials.map(({ group }) => group))).toEqual(new Set(['real', 'noise']))
    await requireMeasuredAs(trials, () => CRAFTED)
  }, 60_000)
})

describe('a look is part of the plan', () => {
  it('so that another one is another experiment, and the same one is the same', async () => {
    const given = planned({ sizes: [0.4], positions: { kind: 'fixed', x: 0, y: 0 } })
    const first = await experimented(given)
    const changes: readonly Partial<PatchLook>[] = [
      { rotation: 31 },
      { opacity: 0.81 },
      { blend: 'screen' },
      { mask: 'square' },
      { feather: 0.5 },
      { aspect: 'square' },
    ]
    const before = await trialsOf(first)
    for (const change of changes) {
      const look = { ...CRAFTED, ...change }
      const other = await experimented({ ...given, look })
      expect(other).not.toBe(first)
      const after = await trialsOf(other)
      expect(after.map(({ targetProbability }) => targetProbability)).not.toEqual(
        before.map(({ targetProbability }) => targetProbability),
      )
    }
    // One plan, written down otherwise.
    const patches = [red, blue]
    const mixed = await experimented({ ...given, patches, looks: [{ patch: blue, look: OTHER }] })
    for (const plan of [
      { ...given, patches, look: OTHER, looks: [{ patch: red, look: CRAFTED }] },
      {
        ...given,
        patches,
        looks: [
          { patch: blue, look: OTHER },
          { patch: red, look: CRAFTED },
        ],
      },
    ])
      expect((await engine.call('experiment.start', plan)).experiment).toBe(mixed)
    expect(
      (await engine.call('experiment.start', { ...given, looks: [{ patch: red, look: CRAFTED }] })).experiment,
    ).toBe(first)
  }, 120_000)

  it('and is written to exports', async () => {
    const given = planned({ sizes: [0.4], positions: { kind: 'fixed', x: 0, y: 0 } })
    const experiment = await experimented(given)
    for (const format of ['csv', 'json'] as const)
      await engine.call('experiment.export', { experiment, format, file: path(`e.${format}`) })
    const [head, line] = readFileSync(path('e.csv'), 'utf8')
      .split('\r\n')
      .map(row => row.split(','))
    const field = (name: string) => line![head!.indexOf(name)]
    expect(['rotation', 'opacity', 'blend', 'mask', 'feather', 'aspect'].map(field)).toEqual([
      '30',
      '0.8',
      'multiply',
      'circle',
      '0.25',
      'kept',
    ])
    const whole = JSON.parse(readFileSync(path('e.json'), 'utf8'))
    expect(whole.experiment.plan.look).toEqual(CRAFTED)
    expect(whole.trials[0].composition.patches[0]).toMatchObject(CRAFTED)
  }, 60_000)
})

it('an equal plan gives equal trials by the command line and by the window', async () => {
  const controls = { noise: 0, mean: true, shuffled: 3, spectrum: 1, surroundings: true, natural: 2 }
  const plan = planned({ name: 'equal', sizes: [0.3, 0.5], controls })
  const byWindow = await trialsOf(await experimented(plan))
  const { status, err } = await portolan(
    ...['patch', 'experiment', path('cli.portolan'), '--model', path('net.onnx'), '--images', path('photographs')],
    ...['--patch', path('red.png'), '--source', String(source), '--target', String(target), '--name', 'equal'],
    ...['--sizes', '0.3,0.5', '--noise', '1', '--natural', '2', '--shuffled', '3', '--runtime', 'cpu'],
    ...['--resamplings', '100', '--rotation', '30', '--opacity', '0.8', '--blend', 'multiply', '--mask', 'circle'],
    ...['--feather', '0.25', '--aspect', 'kept', '--trials', path('cli.json')],
  )
  expect(status, err).toBe(0)
  const Whole = z.object({ experiment: z.object({ plan: z.looseObject({}) }), trials: z.array(Trial) })
  const byCommand = Whole.parse(JSON.parse(readFileSync(path('cli.json'), 'utf8')))
  expect({ ...byCommand.experiment.plan, folders: null }).toEqual(await planOf(plan))
  const summaryOf = ({
    file,
    patchName,
    group,
    size,
    x,
    y,
    winner,
    targetProbability,
    sourceProbability,
    change,
  }: Trial) => ({
    ...{ file, patchName, group, size, x, y, winner, targetProbability, sourceProbability, change },
  })
  expect(byCommand.trials.map(summaryOf)).toEqual(byWindow.map(summaryOf))
}, 120_000)

async function planOf(plan: Input<'experiment.start'>): Promise<Output<'experiment.result'>['experiment']['plan']> {
  const { experiment } = await engine.call('experiment.start', plan)
  return (await engine.call('experiment.result', { experiment })).experiment.plan
}
