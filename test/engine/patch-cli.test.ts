import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ExperimentResult, Trial } from '../../electron/contract/experiment-result.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { portolan, startPortolan } from '../fixtures/command-line.ts'
import { winnerOf, writeTintedPatches } from '../fixtures/patch-pictures.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const PHOTOGRAPHS = 24
let folder: string
let runtime: Runtime
let classifier: Classifier
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-patch-cli-'))
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

/** A class that the network sees in the first photograph, so that a population is there. */
async function commonest(): Promise<number> {
  return winnerOf(classifier, runtime, path('photos/000.jpg'))
}
const experimentArgs = (project: string, source: number) => [
  ...['patch', 'experiment', path(project), '--model', path('net.onnx'), '--images', path('photos')],
  ...[
    '--patch',
    path('red.png'),
    path('blue.png'),
    '--source',
    String(source),
    '--target',
    String(source === 1 ? 2 : 1),
  ],
  ...['--sizes', '0.2:0.6:0.2', '--positions', 'grid:3', '--resamplings', '200'],
]

describe('the command line', () => {
  it('composes, classifies and sweeps', async () => {
    const photo = path('photos/000.jpg')
    const composed = await portolan(
      'patch',
      'compose',
      path('net.onnx'),
      photo,
      '--patch',
      path('red.png'),
      '--size',
      '.5',
      '--out',
      path('made/c.png'),
      '--json',
    )
    expect(composed.status).toBe(0)
    expect(JSON.parse(composed.out)).toMatchObject({ width: classifier.preprocessing.size, notes: [] })
    expect((await sharp(path('made/c.png')).metadata()).width).toBe(classifier.preprocessing.size)
    const outside = await portolan(
      'patch',
      'compose',
      path('net.onnx'),
      photo,
      '--patch',
      path('red.png'),
      '--at',
      '9,0',
      '--out',
      path('made/d.png'),
    )
    expect([outside.status, outside.err]).toEqual([
      1,
      expect.stringMatching(/nothing of red\.png is seen: it lies wholly outside/),
    ])
    const classified = await portolan(
      'patch',
      'classify',
      path('net.onnx'),
      photo,
      '--patch',
      path('red.png'),
      path('blue.png'),
      '--at',
      'top-left',
      'centre',
      '--class',
      'thing 3',
      '--json',
    )
    const Printed = z.object({
      after: z.object({ pinned: z.array(z.object({ index: z.int(), probability: z.number() })) }),
    })
    expect(Printed.parse(JSON.parse(classified.out)).after.pinned).toMatchObject([{ index: 3 }])
    const swept = await portolan(
      'patch',
      'sweep',
      path('net.onnx'),
      photo,
      path('red.png'),
      '--source',
      '1',
      '--target',
      '2',
      '--sizes',
      '0:.4:.2',
      '--positions',
      '3',
      '--png',
      path('made/s.png'),
      '--json',
    )
    expect(
      z.object({ readings: z.array(z.object({ size: z.number() })) }).parse(JSON.parse(swept.out)).readings,
    ).toHaveLength(27)
    expect((await sharp(path('made/s.png')).metadata()).format).toBe('png')
    const wrong = await portolan(
      'patch',
      'sweep',
      path('net.onnx'),
      photo,
      path('red.png'),
      '--source',
      '1',
      '--target',
      '2',
      '--sizes',
      '0:2:.1',
    )
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringMatching(/--sizes takes shares from 0 to 1/)])
    const sizes = await portolan(
      'patch',
      'classify',
      path('net.onnx'),
      photo,
      '--patch',
      path('red.png'),
      '--size',
      '.1',
      '.2',
    )
    expect([sizes.status, sizes.err]).toEqual([2, expect.stringMatching(/--size has 2 values for 1 patches/)])
  })

  it('refuses invalid options and folders without photographs in a sentence', async () => {
    const args = experimentArgs('refused.portolan', 1)
    const outside = await portolan(...args.with(args.indexOf('grid:3'), '3,3'))
    expect([outside.status, outside.err]).toEqual([
      2,
      expect.stringMatching(/--positions takes .* or X,Y from 0 to 1, not "3,3"/),
    ])
    await mkdir(path('nothing'))
    const empty = await portolan(...args.with(args.indexOf(path('photos')), path('nothing')))
    expect([empty.status, empty.err]).toEqual([
      1,
      expect.stringMatching(/no photographs in .*nothing; choose a folder that contains JPEG, PNG or WebP files/),
    ])
    const tiny = await portolan(...args.with(args.indexOf('0.2:0.6:0.2'), '0.001'))
    expect([tiny.status, tiny.err]).toEqual([2, expect.stringMatching(/--sizes takes shares from 0\.005 to 1/)])
    const long = await portolan(...args, '--name', 'x'.repeat(121))
    expect([long.status, long.err]).toEqual([
      2,
      expect.stringMatching(/the plan is refused, name: .*120.*; shorten it/),
    ])
  })

  it('of one photograph reports numbers, and that there is no interval', async () => {
    await mkdir(path('one'))
    await copyFile(path('photos/000.jpg'), path('one/000.jpg'))
    const args = experimentArgs('one.portolan', await commonest())
    const { status, out, err } = await portolan(...args.with(args.indexOf(path('photos')), path('one')))
    expect(status, err).toBe(0)
    expect(out).toMatch(/1 of 1 photographs \(an illustration: fewer than 20\)/)
    expect(out).toMatch(/minus noise of the same spectrum: unknown static, -?[\d.]+, no interval dynamic/)
  })

  it('runs an experiment that was killed to its end, and writes it as CSV, JSON and a plate', async () => {
    await mkdir(path('exports'))
    const source = await commonest()
    const args = experimentArgs('killed.portolan', source)
    const running = startPortolan(...args)
    await running.waitFor(/trials: \d/)
    running.kill('SIGKILL')
    await running.ended
    const files = ['--csv', path('exports/t.csv'), '--trials', path('exports/t.json'), '--png', path('exports/p.png')]
    const { status, out, err } = await portolan(...args, ...files, '--json')
    expect(status, err).toBe(0)
    const result = ExperimentResult.parse(JSON.parse(out))
    const [model] = result.models
    expect(result.experiment.done).toBe(result.experiment.total)
    const csv = (await readFile(path('exports/t.csv'), 'utf8')).trimEnd().split('\r\n')
    expect(csv).toHaveLength(1 + result.experiment.total)
    expect(csv[0]).toMatch(/^model,photograph,image,half,patch,group,size,x,y,/)
    const Whole = z.object({ models: z.array(z.object({ population: z.int() })), trials: z.array(Trial) })
    const whole = Whole.parse(JSON.parse(await readFile(path('exports/t.json'), 'utf8')))
    expect(whole.trials).toHaveLength(result.experiment.total)
    expect(whole.models[0]!.population).toBe(model!.population)
    expect((await sharp(path('exports/p.png')).metadata()).width).toBeGreaterThan(800)
    const text = await portolan(...args)
    expect(text.out).toMatch(/flipped, static +flipped, dynamic/)
  })
})
