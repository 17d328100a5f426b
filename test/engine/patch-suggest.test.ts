import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PatchLook } from '../../electron/contract/placement.ts'
import { Suggestion } from '../../electron/contract/suggestion.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { trialsOf } from '../../electron/engine/patch/experiment/trials.ts'
import { addPatch } from '../../electron/engine/patch/gallery.ts'
import { enterSuggestion, runSuggestion, suggestionOf } from '../../electron/engine/patch/suggest/suggest.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { listCells } from '../../electron/engine/store/cells.ts'
import { createProject, openProject } from '../../electron/engine/store/open.ts'
import { listPatches } from '../../electron/engine/store/patches.ts'
import { portolan } from '../fixtures/command-line.ts'
import { winnerOf } from '../fixtures/patch-pictures.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

let folder: string
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-suggest-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), 30)
  const built = await portolan(
    ...['atlas', 'build', path('p.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...[
      '--layers',
      'mixed3a',
      '--grid',
      '2,4',
      '--min-samples',
      '1',
      '--preset',
      'draft',
      '--steps',
      '2',
      '--samples',
      '90',
    ],
  )
  expect(built.status, built.err).toBe(0)
})
afterAll(() => rm(folder, { recursive: true }))

/** The class of the first photograph, and another. */
async function classes(): Promise<{ source: number; target: number }> {
  const classifier = await loadClassifier(path('net.onnx'))
  const runtime = await createCpuRuntime({ threads: 1 })
  try {
    const winner = await winnerOf(classifier, runtime, path('photos/000.jpg'))
    return { source: winner, target: winner === 1 ? 2 : 1 }
  } finally {
    await runtime.close()
  }
}

describe('suggestions', () => {
  it('try icons, crops and third classes on one half, and test the first few on the other against their controls', async () => {
    const { source, target } = await classes()
    const args = ['patch', 'suggest', path('p.portolan'), '--model', path('net.onnx')]
    const more = [
      '--source',
      String(source),
      '--target',
      String(target),
      '--sizes',
      '0.4',
      '--candidates',
      '9',
      '--png',
      path('s.png'),
    ]
    const { status, out, err } = await portolan(...args, ...more, '--json')
    expect(status, err).toBe(0)
    const found = Suggestion.parse(JSON.parse(out))
    expect(found.candidates.length).toBeGreaterThan(3)
    expect(found.candidates.length).toBeLessThanOrEqual(9)
    expect(new Set(found.candidates.map(({ kind }) => kind)).has('icon')).toBe(true)
    const bounds = found.candidates.map(({ lowerBound }) => lowerBound)
    expect(bounds).toEqual(bounds.toSorted((a, b) => b - a))
    expect(found.madeEarlier).toBeNull()
    const verdict = found.verdict!
    expect(verdict.tested.map(({ candidate }) => candidate)).toEqual(found.candidates.slice(0, 3))
    expect(verdict).toMatchObject({ tried: found.candidates.length, photographs: found.reportedOn, minimum: 8 })
    for (const { effect, overControls, power } of verdict.tested) {
      const differences = overControls.each.map(({ difference }) => difference)
      expect(overControls.smallest.difference.value).toBe(Math.min(...differences.map(({ value }) => value)))
      expect(overControls.holds).toBe(differences.every(({ low }) => low > 0))
      expect(overControls.each.map(({ control }) => control)).toEqual(
        expect.arrayContaining(['spectrum', 'surroundings', 'mean']),
      )
      expect(effect.change.photographs).toBe(found.reportedOn)
      expect(power).toBeGreaterThanOrEqual(0)
    }
    const some = verdict.tested.some(({ overControls }) => overControls.holds)
    expect(verdict.outcome).toBe(found.reportedOn < 8 ? 'too few photographs' : some ? 'holds' : 'none holds')
    expect((await sharp(path('s.png')).metadata()).format).toBe('png')
    using db = openProject(path('p.portolan'), { mode: 'write', who: { command: 'a test' } })
    // No crop comes from a photograph that it was tried on.
    const request = {
      model: null,
      patch: null,
      image: null,
      flipped: false,
      order: 'photograph',
      offset: 0,
      limit: 500,
    } as const
    const { trials } = trialsOf(db, { ...request, experiment: found.id })
    const tried = new Set(trials.map(({ file }) => file))
    for (const { kind, origin } of found.candidates)
      if (kind === 'crop') expect([...tried].filter(file => origin.includes(file))).toEqual([])
    expect(listPatches(db)).toEqual([])
    expect(suggestionOf(db, found.id)).toMatchObject({ finished: expect.any(Number), candidates: found.candidates })
  })

  it('list each missing photograph, of which there is no crop', async () => {
    const { source, target } = await classes()
    // Tried on photographs of a folder of their own, so that those of the atlas may give crops.
    await cp(path('photos/000.jpg'), path(`labelled/thing ${source}/000.jpg`))
    const args = [
      ...['patch', 'suggest', path('p.portolan'), '--model', path('net.onnx'), '--images', path('labelled')],
      ...['--population', 'labelled', '--source', String(source), '--target', String(target)],
      ...['--sizes', '0.4', '--positions', '1,1', '--candidates', '60', '--json'],
    ]
    const whole = await portolan(...args, '--natural', '1')
    expect(whole.status, whole.err).toBe(0)
    const crop = Suggestion.parse(JSON.parse(whole.out)).candidates.find(({ kind }) => kind === 'crop')!
    const name = /\d+\.jpg/.exec(crop.origin)![0]
    await rename(path(`photos/${name}`), path('away.jpg'))
    try {
      const { status, out, err } = await portolan(...args, '--natural', '2')
      expect(status).toBe(1)
      expect(err).toMatch(/cannot read the image ".*": gives no candidate: there is no such file/)
      expect(JSON.parse(out).unreadable).toEqual([
        { file: path(`photos/${name}`), reason: expect.stringContaining('gives no candidate') },
      ])
    } finally {
      await rename(path('away.jpg'), path(`photos/${name}`))
    }
  })

  it('come from the cells that are given, or are refused in a sentence', async () => {
    const { source, target } = await classes()
    using db = openProject(path('p.portolan'), { mode: 'write', who: { command: 'a test' } })
    const classifier = await loadClassifier(path('net.onnx'))
    const runtime = await createCpuRuntime({ threads: 1 })
    const { i, j } = listCells(db, 1, 2).find(({ icon }) => icon !== null)!
    const plan = {
      model: classifier.hash,
      source,
      target,
      population: 'top5' as const,
      folders: null,
      cells: [{ atlas: 1, grid: 2, i, j }],
      candidates: 3,
      look: PatchLook.parse({}),
      sizes: [0.4],
      positions: { kind: 'fixed' as const, x: 1, y: 1 },
      noise: 0,
      natural: 2,
      seed: 1,
      resamplings: 100,
    }
    const run = (id: number) =>
      runJob(db, 'patch suggest', { suggestion: id }, job => runSuggestion(db, id, runtime, job))
    const { id } = enterSuggestion(db, plan, classifier)
    expect(suggestionOf(db, id)).toMatchObject({ verdict: null, candidates: [] })
    await run(id)
    expect(suggestionOf(db, id).candidates[0]!.origin).toMatch(/mixed3a|\.jpg/)
    const gone = enterSuggestion(db, { ...plan, cells: [{ atlas: 9, grid: 2, i, j }] }, classifier)
    await expect(run(gone.id)).rejects.toThrow(/there is no cell .* of atlas 9/)
    const empty = createProject(path('empty.portolan'), { command: 'a test' })
    await addPatch(empty, {
      kind: 'bytes',
      name: 'x',
      bytes: await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    })
    empty.close()
    const { status, err } = await portolan(
      'patch',
      'suggest',
      path('empty.portolan'),
      '--model',
      path('net.onnx'),
      '--images',
      path('photos'),
      '--source',
      String(source),
      '--target',
      String(target),
    )
    expect([status, err]).toEqual([1, expect.stringMatching(/has no atlas of Net to take suggestions from: build one/)])
    await runtime.close()
  })
})
