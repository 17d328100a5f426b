import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sha256 } from '../../electron/engine/images/read.ts'
import { readPhotograph } from '../../electron/engine/photographs/read.ts'
import { queueJob } from '../../electron/engine/store/jobs.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { findImage, imagesByHash, listFolders, listImages } from '../../electron/engine/store/photographs.ts'
import { imagesOfSet, listSampleSets } from '../../electron/engine/store/samples.ts'
import { portolan } from '../fixtures/command-line.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** Enough for a layout of one sample each. */
const PHOTOGRAPHS = 10

let root: string
const path = (...names: string[]): string => join(root, ...names)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'portolan-photographs-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const Built = z.object({
  photographs: z.int(),
  samples: z.int(),
  unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
  stages: z.array(z.object({ name: z.string(), outcome: z.string() })),
})

const build = async (status = 0, ...more: string[]) => {
  const result = await portolan(
    ...['atlas', 'build', path('a.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...[
      '--layers',
      'mixed4a',
      '--grid',
      '2',
      '--preset',
      'draft',
      '--steps',
      '2',
      '--min-samples',
      '1',
      '--json',
      ...more,
    ],
  )
  expect(result.status, result.err).toBe(status)
  return { ...Built.parse(JSON.parse(result.out)), err: result.err }
}
const samplesStage = ({ stages }: z.infer<typeof Built>) => stages.find(({ name }) => name === 'samples')?.outcome

/** Another picture in the place of one. */
const replace = (name: string, by: string) => copyFile(path('photos', by), path('photos', name))

describe('a photograph that was replaced', () => {
  it('is never taken for the one that was sampled, and is a new photograph for the next build', async () => {
    await build()
    const before = await readFile(path('photos/000.jpg'))
    const other = await readFile(path('photos/001.jpg'))
    await writeFile(path('photos/000.jpg'), Buffer.concat([other, Buffer.from('another')]))
    {
      using db = openProject(path('a.portolan'), { mode: 'read' })
      const [image] = imagesByHash(db, sha256(before))
      await expect(readPhotograph(db, image!.id)).rejects.toThrow(
        `it has changed since it was sampled (sha256 ${sha256(before).slice(0, 12)}`,
      )
    }
    const again = await build()
    expect(samplesStage(again)).toBe('computed')
    using db = openProject(path('a.portolan'), { mode: 'read' })
    const [old, young] = listSampleSets(db)
    // The samples of the first build still name the picture that they were taken from.
    const hashes = (set: number) => new Set([...imagesOfSet(db, set)].map(id => findImage(db, id)?.hash))
    expect(hashes(old!.id).has(sha256(before))).toBe(true)
    expect(hashes(young!.id).has(sha256(before))).toBe(false)
    // Put back, the first build is there again.
    await writeFile(path('photos/000.jpg'), before)
    expect(samplesStage(await build())).toBe('reused')
  })

  it('is found where a copy of it is stored', async () => {
    await mkdir(path('copies'))
    await copyFile(path('photos/000.jpg'), path('copies/same.jpg'))
    await build(0, '--images', path('photos'), path('copies'))
    const bytes = await readFile(path('photos/000.jpg'))
    await replace('000.jpg', '001.jpg')
    using db = openProject(path('a.portolan'), { mode: 'read' })
    const [image] = imagesByHash(db, sha256(bytes))
    expect((await readPhotograph(db, image!.id)).bytes.equals(bytes)).toBe(true)
  })
})

describe('what cannot be read', () => {
  it('counts copies once', async () => {
    await replace('001.jpg', '000.jpg')
    await replace('002.jpg', '000.jpg')
    expect(await build()).toMatchObject({ photographs: PHOTOGRAPHS - 2, samples: PHOTOGRAPHS })
  })

  it('is tried again when its folder is back, and damaged bytes only once they are others', async () => {
    const whole = await readFile(path('photos/003.jpg'))
    // The header is whole: that the picture is not, sampling finds out.
    await truncate(path('photos/003.jpg'), whole.length - 200)
    const first = await build(1)
    expect(first.unreadable).toEqual([{ file: path('photos/003.jpg'), reason: 'the file is cut off' }])
    expect(first.samples).toBe(PHOTOGRAPHS - 1)
    expect(samplesStage(await build(1))).toBe('reused')

    await rename(path('photos'), path('away'))
    const away = await portolan(
      'atlas',
      'build',
      path('a.portolan'),
      '--model',
      path('net.onnx'),
      '--images',
      path('photos'),
    )
    expect(away.status).toBe(1)
    await rename(path('away'), path('photos'))
    await writeFile(path('photos/003.jpg'), whole)
    const repaired = await build()
    expect(repaired).toMatchObject({ photographs: PHOTOGRAPHS, samples: PHOTOGRAPHS, unreadable: [] })
  })
})

it('photographs that move along with their project are found', async () => {
  await build()
  await mkdir(path('moved'))
  await cp(path('a.portolan'), path('moved/a.portolan'))
  await rename(path('photos'), path('moved/photos'))
  using db = openProject(path('moved/a.portolan'), { mode: 'read' })
  const [folder] = listFolders(db)
  expect(folder!.path).toBe(path('moved/photos'))
  const [image] = listImages(db, folder!.id)
  expect((await readPhotograph(db, image!.id)).file).toBe(path('moved/photos/000.jpg'))
})

describe('a patch experiment', () => {
  const experiment = (...more: string[]) =>
    portolan(
      ...['patch', 'experiment', path('a.portolan'), '--model', path('net.onnx'), '--patch', path('patch.png')],
      ...['--source', String(source), '--target', String((source + 1) % 10), '--population', 'top5'],
      ...['--sizes', '0.3', '--noise', '1', '--no-mean', '--shuffled', '0', '--resamplings', '100', '--json', ...more],
    )
  let source: number
  const Result = z.object({
    models: z.array(z.object({ considered: z.int(), population: z.int() })),
    unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
  })

  beforeEach(async () => {
    await photograph(20, 20, 77).png().toFile(path('patch.png'))
    const result = await portolan('classify', path('net.onnx'), path('photos/000.jpg'), '--json')
    source = Number(/"index":\s*(\d+)/.exec(result.out)![1])
  })

  it('does not try a photograph that was replaced under the old one, and counts missing ones', async () => {
    const first = await experiment('--images', path('photos'))
    expect(first.status, first.err).toBe(0)
    const population = Result.parse(JSON.parse(first.out)).models[0]!.population
    expect(population).toBeGreaterThan(1)

    // Some are other pictures now: what was tried before is kept, a new size is tried on the others only.
    const other = await readFile(path('photos/001.jpg'))
    await writeFile(path('photos/000.jpg'), Buffer.concat([other, Buffer.from('another')]))
    const changed = await experiment('--sizes', '0.4')
    expect(changed.status).toBe(1)
    expect(changed.err).toContain('000.jpg')
    expect(changed.err).toContain('it has changed since it was sampled')
    const { models, unreadable } = Result.parse(JSON.parse(changed.out))
    expect(models[0]!.population).toBe(population - 1)
    expect(unreadable.map(({ file }) => file)).toEqual([path('photos/000.jpg')])
    using db = openProject(path('a.portolan'), { mode: 'read' })
    expect(imagesByHash(db, sha256(await readFile(path('photos/000.jpg'))))).toEqual([])
    db.close()

    // Wholly gone: never an exit status of 0.
    await rename(path('photos'), path('away'))
    const gone = await experiment('--sizes', '0.5')
    expect(gone.status).toBe(1)
    expect(gone.err).toContain(`${population} photographs could not be read (${path('photos')}`)
    expect(gone.err).toContain('there is no such file or folder')
    expect(gone.out).toBe('')

    // Back again, all are tried.
    await rename(path('away'), path('photos'))
    const back = await experiment('--sizes', '0.5', '--images', path('photos'))
    expect(back.status, back.err).toBe(0)
  })

  it('continues with the patches and folders that can be read, and lists the others', async () => {
    const result = await experiment(
      '--images',
      path('photos'),
      path('nowhere'),
      '--patch',
      path('patch.png'),
      path('no.png'),
    )
    expect(result.status).toBe(1)
    expect(result.err).toContain('no.png')
    expect(result.err).toContain(`${path('nowhere')}": there is no such file or folder`)
    expect(Result.parse(JSON.parse(result.out)).models[0]!.population).toBeGreaterThan(0)
  })
})

it('evaluate counts copies once', async () => {
  await mkdir(path('classes/3'), { recursive: true })
  for (const name of ['a', 'b', 'c']) await copyFile(path('photos/000.jpg'), path(`classes/3/${name}.jpg`))
  await copyFile(path('photos/001.jpg'), path('classes/3/d.jpg'))
  const result = await portolan('evaluate', path('net.onnx'), '--images', path('classes'), '--json')
  expect(JSON.parse(result.out)).toMatchObject({ n: 2, copies: 2 })
})

it('jobs resume reads folders of a stranger only when they are named', async () => {
  await build()
  {
    using db = openProject(path('a.portolan'), { mode: 'write', who: { command: 'test' } })
    queueJob(db, 'data add', 'key', { folders: [path('private')] }, 1)
  }
  await writePhotographs(path('private'), 1)
  const refused = await portolan('jobs', 'resume', path('a.portolan'))
  expect(refused.status).toBe(1)
  expect(refused.err).toContain(`reads photographs from ${path('private')}, which you have not opened on this machine`)
  {
    using db = openProject(path('a.portolan'), { mode: 'read' })
    expect(listFolders(db).map(({ name }) => name)).toEqual(['photos'])
  }
  const allowed = await portolan('jobs', 'resume', path('a.portolan'), '--images', path('private'))
  expect(allowed.status, allowed.err).toBe(0)
  expect(allowed.err).toContain(`reads photographs from ${path('private')}`)
})

it('copies count once in every interval, and of too few there is none', async () => {
  await mkdir(path('copies'))
  for (let k = 0; k < 9; k++) await copyFile(path('photos/000.jpg'), path('copies', `${k}.jpg`))
  await copyFile(path('photos/001.jpg'), path('copies/other.jpg'))
  await rm(path('photos'), { recursive: true })
  await rename(path('copies'), path('photos'))
  await build()
  const result = await portolan(
    ...['compare', path('a.portolan'), '--model', path('net.onnx'), '--layer', 'mixed4a', '--classes', '0,1'],
    ...['--magnitude', '10', '--grid', '1', '--min-samples', '1', '--preset', 'draft', '--steps', '2'],
  )
  expect(result.status, result.err).toBe(0)
  expect(result.out).toContain('samples of 2 photographs')
  expect(result.out).toContain('(too few photographs: 2)')
})
