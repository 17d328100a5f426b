import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ExperimentResult, Trial } from '../../electron/contract/experiment-result.ts'
import type { JobProgress } from '../../electron/contract/jobs.ts'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import { PatchLook } from '../../electron/contract/placement.ts'
import { jobToResume } from '../../electron/engine/jobs/list.ts'
import { JobCancelled, runJob } from '../../electron/engine/jobs/run.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { frameClassifier, readingOf } from '../../electron/engine/patch/classify.ts'
import { backgroundOf, compose } from '../../electron/engine/patch/compose.ts'
import { experimentResult } from '../../electron/engine/patch/experiment/results.ts'
import { enterExperiment, PATCH_EXPERIMENT, runExperiment } from '../../electron/engine/patch/experiment/run.ts'
import { allTrials, trialsOf } from '../../electron/engine/patch/experiment/trials.ts'
import { addPatch, patchNames, pictureOfPatch, regionOf } from '../../electron/engine/patch/gallery.ts'
import { enterSweep, PATCH_SWEEP, runSweep, sweepOf } from '../../electron/engine/patch/sweep/run.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { photographName } from '../../electron/engine/photographs/read.ts'
import { bodyOf } from '../../electron/engine/pipelines/kinds.ts'
import { UNITS } from '../../electron/engine/pipelines/units.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { listPatches } from '../../electron/engine/store/patches.ts'
import { listFolders, listImages } from '../../electron/engine/store/photographs.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { DeviceWorkers } from '../../electron/engine/units/devices.ts'
import { winnerOf, writeTintedPatches } from '../fixtures/patch-pictures.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const PHOTOGRAPHS = 24
const who = { command: 'a test' }
let folder: string
let runtime: Runtime
let classifier: Classifier
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-experiment-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  await writeTintedPatches(folder)
  runtime = await createCpuRuntime({ threads: 1 })
  classifier = await loadClassifier(path('net.onnx'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

/** A project with the photographs, and an experiment that is entered. */
async function begun(name: string, changes: { readonly population?: 'labelled' } = {}) {
  const db = createProject(path(`${name}.portolan`), who)
  await enterPhotographs(db, [path('photos')], { signal: new AbortController().signal, report: () => {} })
  const patches: number[] = []
  for (const file of ['red.png', 'blue.png']) patches.push((await addPatch(db, { kind: 'file', file: path(file) })).id)
  const plan = {
    name: 'colours',
    models: [classifier.hash],
    source: await commonest(),
    target: 1,
    population: 'top5' as const,
    folders: null,
    patches,
    look: PatchLook.parse({ aspect: 'square' }),
    sizes: [0.3, 0.6],
    positions: { kind: 'corners' as const },
    controls: { noise: 2, mean: true, shuffled: 3 },
    seed: 5,
    resamplings: 200,
    ...changes,
  }
  if (plan.target === plan.source) plan.target = 2
  return { db, plan, experiment: enterExperiment(db, plan, [classifier]).id }
}
/** A class that the network sees in the first photograph, so that a population is there. */
async function commonest(): Promise<number> {
  return winnerOf(classifier, runtime, path('photos/000.jpg'))
}
const run = (db: Writable, id: number, options: Parameters<typeof runJob>[4] = {}) =>
  runJob(db, PATCH_EXPERIMENT, { experiment: id }, job => runExperiment(db, id, runtime, job), options)

// 2 patches, 2 of noise, the mean, 2 shuffled.
const EACH = 7 * 2 * 4

describe('names in one list', () => {
  const patch = (id: number, name: string, kind: 'file' | 'bytes', origin: string) =>
    ({ id, name, kind, origin }) as PatchRecord
  it('distinguish patches of the same file name', () => {
    expect(
      patchNames([
        patch(1, '0.jpg', 'file', '/a/red/0.jpg'),
        patch(2, '0.jpg', 'file', '/a/blue/0.jpg'),
        patch(3, 'x.png', 'file', '/a/x.png'),
        patch(4, 'clip', 'bytes', 'clipboard'),
        patch(5, 'clip', 'bytes', 'clipboard'),
      ]),
    ).toEqual(['red/0.jpg', 'blue/0.jpg', 'x.png', 'clip (patch 4)', 'clip (patch 5)'])
  })

  it('distinguish photographs of the same file name, also of folders of the same name', async () => {
    const db = createProject(path('names.portolan'), who)
    for (const [k, place] of ['one/red', 'one/blue', 'two', 'deep/two'].entries()) {
      await mkdir(path(`n/${place}`), { recursive: true })
      await sharp({ create: { width: 9, height: 9 + k, channels: 3, background: 'red' } }).toFile(
        path(`n/${place}/0.png`),
      )
    }
    const signal = new AbortController().signal
    await enterPhotographs(db, [path('n/one')], { signal, report: () => {} })
    const names = () =>
      listFolders(db).flatMap(({ id }) => listImages(db, id).map(image => photographName(db, image.id)))
    expect(names().toSorted()).toEqual(['blue/0.png', 'red/0.png'])
    await enterPhotographs(db, [path('n/two'), path('n/deep/two')], { signal, report: () => {} })
    expect(names().toSorted()).toEqual([
      'one/blue/0.png',
      'one/red/0.png',
      'two (folder 2)/0.png',
      'two (folder 3)/0.png',
    ])
    db.close()
  })
})

describe('an experiment', () => {
  it('keeps every trial, each equal to its composition computed again', async () => {
    const { db, experiment, plan } = await begun('whole')
    await run(db, experiment)
    const result = ExperimentResult.parse(experimentResult(db, experiment))
    const [model] = result.models
    expect(model!.population).toBeGreaterThan(4)
    expect(model!.members).toBe(model!.population)
    expect(result.experiment).toMatchObject({ done: model!.population * EACH, total: model!.population * EACH })
    expect(result.experiment.finished).not.toBeNull()
    expect(model!.illustration).toBe(model!.population < 20)
    expect(model!.patches.map(({ group }) => group)).toEqual([
      'real',
      'real',
      'noise',
      'noise',
      'mean',
      'shuffled',
      'shuffled',
    ])
    const trials = [...allTrials(db, experiment)]
    expect(trials).toHaveLength(model!.population * EACH)
    expect(z.array(Trial).parse(trials)).toEqual(trials)
    const net = await frameClassifier(classifier, runtime)
    for (const trial of trials.filter((_, k) => k % 97 === 0)) {
      const background = await backgroundOf(classifier, path(`photos/${trial.file}`))
      const [placement] = trial.composition.patches
      const picture = await pictureOfPatch(db, placement!.patch)
      const { rgb } = compose(
        background,
        trial.composition.patches,
        new Map([[placement!.patch, { ...picture, name: '' }]]),
      )
      const reading = readingOf(classifier, await net.logits(rgb), 0, plan.source, plan.target)
      expect(reading.winner).toBe(trial.winner)
      expect(reading.targetProbability).toBeCloseTo(trial.targetProbability, 4)
    }
    // Pages, filters and orders return the same trials.
    const request = {
      experiment,
      model: null,
      patch: null,
      image: null,
      flipped: false,
      order: 'change',
      offset: 3,
      limit: 5,
    } as const
    const page = trialsOf(db, request)
    expect(page.total).toBe(trials.length)
    const sorted = trials.map(({ change }) => change).sort((a, b) => b - a)
    expect(page.trials.map(({ change }) => change)).toEqual(sorted.slice(3, 8))
    const ofPatch = trialsOf(db, { ...request, patch: plan.patches[1]!, order: 'photograph', offset: 0, limit: 500 })
    expect(ofPatch.trials).toEqual(trials.filter(({ patch }) => patch === plan.patches[1]))
    const flips = trials.filter(({ winnerBefore, winner }) => winnerBefore === plan.source && winner === plan.target)
    expect(trialsOf(db, { ...request, flipped: true, offset: 0, limit: 500 }).total).toBe(flips.length)
    // Controls are patches, but in no gallery.
    expect(
      listPatches(db)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['blue.png', 'red.png'])
    // Requested again, nothing is computed.
    expect(enterExperiment(db, plan, [classifier]).id).toBe(experiment)
    const { stages } = await run(db, experiment)
    expect(stages.at(-1)).toMatchObject({ name: 'Net: trials', outcome: 'reused' })
    db.close()
  })

  it('that was cancelled resumes where it stopped, and ends with the same trials', async () => {
    const { db: whole, experiment: reference } = await begun('reference')
    await run(whole, reference)
    const { db, experiment } = await begun('cancelled')
    const controller = new AbortController()
    const report = ({ stage, done }: JobProgress) => {
      if (stage === 'Net: trials' && done > 70) controller.abort()
    }
    await expect(run(db, experiment, { signal: controller.signal, report })).rejects.toThrow(JobCancelled)
    const { experiment: partial, models } = experimentResult(db, experiment)
    expect(models[0]!.population).toBeLessThan(models[0]!.members)
    expect(partial.done).toBeGreaterThan(60)
    expect(partial.done).toBeLessThan(partial.total)
    expect(partial.finished).toBeNull()
    // From the record of the job alone, as "jobs resume" does.
    const { kind, params } = jobToResume(db)
    const { stages } = await runJob(db, kind, params, job => bodyOf(db, kind, params)(job, runtime))
    expect(stages.at(-1)).toMatchObject({ name: 'Net: trials', outcome: 'continued' })
    const numbers = (from: Writable, id: number) =>
      [...allTrials(from, id)].map(({ patchName, size, position, file, winner, targetProbability }) =>
        [file, patchName, size, position, winner, targetProbability.toFixed(4)].join(' '),
      )
    expect(numbers(db, experiment)).toEqual(numbers(whole, reference))
    db.close()
    whole.close()
  })

  it('has the same trials when units of it are performed by workers', async () => {
    const alone = await begun('alone')
    const divided = await begun('divided')
    const workers = new DeviceWorkers([runtime], UNITS)
    try {
      await run(alone.db, alone.experiment)
      await runJob(divided.db, PATCH_EXPERIMENT, { experiment: divided.experiment }, job =>
        runExperiment(divided.db, divided.experiment, runtime, job, workers),
      )
      const expected = [...allTrials(alone.db, alone.experiment)]
      expect(expected.length).toBeGreaterThan(EACH)
      expect([...allTrials(divided.db, divided.experiment)]).toEqual(expected)
    } finally {
      await workers.close()
      alone.db.close()
      divided.db.close()
    }
  })

  it('is refused in a sentence when its plan is invalid', async () => {
    const { db, plan, experiment } = await begun('refused', { population: 'labelled' })
    await expect(run(db, experiment)).rejects.toThrow(
      /none of 24 photographs is labelled as \d thing \d \(24 are of no known class: 24 in no sub-folder named after a class\): add photographs, or choose another population or class/,
    )
    expect(() => enterExperiment(db, { ...plan, target: plan.source }, [classifier])).toThrow(/the same class/)
    expect(() => enterExperiment(db, { ...plan, patches: [99] }, [classifier])).toThrow(
      /there is no patch 99 in .*refused\.portolan/,
    )
    const missing = enterExperiment(db, { ...plan, folders: [7] }, [classifier]).id
    await expect(run(db, missing)).rejects.toThrow(/has no folder 7/)
    const empty = createProject(path('empty.portolan'), who)
    const { id } = await addPatch(empty, { kind: 'file', file: path('red.png') })
    const lonely = enterExperiment(empty, { ...plan, patches: [id] }, [classifier]).id
    await expect(run(empty, lonely)).rejects.toThrow(/there are no photographs to try patches on/)
    empty.close()
    db.close()
  })
})

describe('the gallery', () => {
  it('holds a picture once, cuts regions, and reports what is not there', async () => {
    const { db } = await begun('gallery')
    const again = await addPatch(db, { kind: 'file', file: path('red.png') })
    expect(listPatches(db)).toHaveLength(2)
    expect(again).toMatchObject({ name: 'red.png', width: 40, height: 30, transparent: false, kind: 'file' })
    const { picture } = await regionOf(db, 1, { left: -0.5, top: 0.5, right: 0.5, bottom: 2 })
    expect([picture.width, picture.height]).toEqual([24, 20])
    await expect(regionOf(db, 1, { left: 1.2, top: 0, right: 1.4, bottom: 1 })).rejects.toThrow(
      /nothing of .*\.jpg lies in/,
    )
    await expect(addPatch(db, { kind: 'icon', icon: 'ab'.repeat(16) })).rejects.toThrow(/there is no icon abab/)
    const glass = { rgba: Uint8Array.from([1, 2, 3, 0, 9, 8, 7, 128]), width: 2, height: 1 }
    const bytes = await sharp(glass.rgba, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer()
    const kept = await addPatch(db, { kind: 'bytes', name: 'glass', bytes })
    expect([...(await pictureOfPatch(db, kept.id)).rgba.subarray(4)]).toEqual([9, 8, 7, 128])
    expect(kept.transparent).toBe(true)
    db.close()
  })
})

describe('a sweep in a project', () => {
  it('that was cancelled resumes, size by size', async () => {
    const { db, plan } = await begun('sweep')
    const order = {
      model: classifier.hash,
      image: 1,
      patch: plan.patches[0]!,
      look: plan.look,
      source: plan.source,
      target: plan.target,
      sizes: [0, 0.2, 0.4, 0.6],
      positions: 5,
    }
    const { id } = enterSweep(db, order)
    const controller = new AbortController()
    const body = (job: Parameters<typeof runSweep>[3]) => runSweep(db, id, runtime, job)
    const report = ({ done }: JobProgress) => {
      if (done > 60) controller.abort()
    }
    await expect(runJob(db, PATCH_SWEEP, { sweep: id }, body, { signal: controller.signal, report })).rejects.toThrow(
      JobCancelled,
    )
    const partial = sweepOf(db, id)
    expect(partial).toMatchObject({ total: 100 })
    expect(partial.done % 25).toBe(0)
    expect(partial.done).toBeLessThan(100)
    expect([...partial.winner].filter(winner => winner < 0)).toHaveLength(100 - partial.done)
    const { stages } = await runJob(db, PATCH_SWEEP, { sweep: id }, body)
    expect(stages).toMatchObject([{ outcome: 'continued' }])
    const whole = sweepOf(db, id)
    expect(whole.done).toBe(100)
    // At size 0 there is no patch.
    for (const odds of whole.targetLogOdds.subarray(0, 25)) expect(odds).toBeCloseTo(whole.before!.targetLogOdds, 3)
    expect(enterSweep(db, order).id).toBe(id)
    db.close()
  })
})
