import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { pruned } from '../../electron/engine/onnx/graph.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { photograph, writeOddImages } from '../fixtures/images.ts'
import { inception } from '../fixtures/networks.ts'
import { random } from '../fixtures/random.ts'

const CLI = fileURLToPath(new URL('../../electron/engine/cli/portolan.mjs', import.meta.url))
const PHOTOGRAPHS = 40
const KILLS = 20

let folder: string
const path = (name: string): string => join(folder, name)
const sidecar = (over: Record<string, unknown> = {}) => {
  const { layers, size, logits } = inception()
  return JSON.stringify({
    name: 'Net',
    input: { size, channels: 'RGB', range: [0, 1], mean: [0.5, 0.5, 0.5], std: [0.3, 0.3, 0.3] },
    logits,
    labels: Array.from({ length: 10 }, (_, i) => `n0000000${i} thing ${i}`),
    layers: Object.fromEntries(layers.map(layer => [layer, layer])),
    ...over,
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-build-'))
  await writeFile(path('net.onnx'), writeGraph(inception().graph))
  await writeFile(path('net.model.json'), sidecar())
  await mkdir(path('photos'))
  for (let i = 0; i < PHOTOGRAPHS; i++)
    await photograph(50, 40, i)
      .jpeg()
      .toFile(path(`photos/${String(i).padStart(2, '0')}.jpg`))
})
afterAll(() => rm(folder, { recursive: true }))

const started = new Set<ChildProcess>()
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
})

/** `portolan …` as a process of its own, under the Node that runs the tests. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  let [out, err] = ['', '']
  child.stdout.on('data', text => {
    out += text
  })
  child.stderr.on('data', text => {
    err += text
  })
  const ended = new Promise<{ status: number | null; out: string; err: string }>(resolve => {
    child.on('close', status => {
      started.delete(child)
      resolve({ status, out, err })
    })
  })
  return { child, ended, said: () => err }
}
const portolan = (...args: string[]) => start(...args).ended

const build = (project: string, ...more: string[]): string[] => buildFrom('photos', project, ...more)
const buildFrom = (images: string, project: string, ...more: string[]): string[] => [
  ...['atlas', 'build', path(project), '--model', path('net.onnx'), '--images', path(images), '--threads', '2'],
  ...['--layers', 'mixed3a', '--grid', '2,4', '--least', '2', '--preset', 'notebook', '--steps', '3'],
  ...['--samples', String(3 * PHOTOGRAPHS), ...more],
]

/** Everything that a build computes, without times and row numbers. */
function contents(project: string) {
  const db = new Database(path(project), { readonly: true })
  const all = (sql: string) => db.prepare(sql).all()
  const found = {
    samples: all('SELECT idx, v, u, hash FROM samples JOIN images ON images.id = image ORDER BY idx'),
    matrices: all(`SELECT layer, kind, n, page, data FROM matrices JOIN matrix_pages ON matrix = id ORDER BY 1, 2, 4`),
    tails: all(`SELECT layer, kind, n, start, data FROM matrices JOIN matrix_tails ON matrix = id ORDER BY 1, 2, 4`),
    layouts: all('SELECT layer, n, xy FROM layouts ORDER BY layer'),
    cells: all('SELECT grid, i, j, count, x, y, label, share, top, direction, icon FROM cells ORDER BY grid, i, j'),
    icons: all('SELECT key, status, fidelity, robust_fidelity, objective, webp FROM icons ORDER BY key'),
  }
  db.close()
  return found
}
const Stages = z.object({ stages: z.array(z.object({ name: z.string(), outcome: z.string() })) })

describe('a build of atlases', () => {
  let seconds = 0
  test('puts every sample into a cell of every grid, and gives every shown cell an icon', async () => {
    const began = performance.now()
    const { status, err } = await portolan(...build('whole.portolan'))
    seconds = (performance.now() - began) / 1000
    expect(status, err).toBe(0)
    const { samples, cells, icons } = contents('whole.portolan') as {
      samples: unknown[]
      cells: { grid: number; count: number; icon: string | null }[]
      icons: { key: string }[]
    }
    expect(samples).toHaveLength(3 * PHOTOGRAPHS)
    for (const grid of [2, 4]) {
      const own = cells.filter(cell => cell.grid === grid)
      expect(own.reduce((sum, cell) => sum + cell.count, 0)).toBe(samples.length)
      expect(own.every(cell => (cell.icon !== null) === cell.count >= 2)).toBe(true)
    }
    const made = new Set(icons.map(icon => icon.key))
    expect(cells.every(cell => cell.icon === null || made.has(cell.icon))).toBe(true)
  })

  test('gives the same bytes for the same seed, and others for another', async () => {
    expect((await portolan(...build('again.portolan'))).status).toBe(0)
    expect((await portolan(...build('other.portolan', '--seed', '1'))).status).toBe(0)
    expect(contents('again.portolan')).toEqual(contents('whole.portolan'))
    expect(contents('other.portolan').icons).not.toEqual(contents('whole.portolan').icons)
    expect(contents('other.portolan').samples).not.toEqual(contents('whole.portolan').samples)
  })

  test('run again computes nothing twice, and says so', async () => {
    const { status, out } = await portolan(...build('again.portolan'), '--json')
    expect(status).toBe(0)
    const { stages } = Stages.parse(JSON.parse(out))
    expect(stages.filter(stage => stage.outcome !== 'reused').map(stage => stage.name)).toEqual(['photographs'])
  })

  test(`killed at ${KILLS} moments, opens every time and ends like one that was not`, async () => {
    const uniform = random(7)
    let whole = 0
    for (let kill = 0; kill < KILLS; kill++) {
      // A fresh project whenever one is finished, so that every stage is hit.
      const { child, ended } = start(...build('killed.portolan'))
      await Promise.race([pause(1000 * seconds * (0.1 + 0.8 * uniform())), ended])
      child.kill('SIGKILL')
      const { status } = await ended
      if (status === 0) whole++
      try {
        openProject(path('killed.portolan'), { mode: 'read' }).close()
      } catch (error) {
        // Killed before there was a project.
        expect(String(error)).toMatch(/no such|not exist|there is no/i)
        continue
      }
      expect(checkProject(path('killed.portolan')).faults).toEqual([])
      if (status === 0) {
        expect(contents('killed.portolan')).toEqual(contents('whole.portolan'))
        await rm(path('killed.portolan'))
      }
    }
    expect(whole).toBeLessThan(KILLS / 2)
    expect((await portolan(...build('killed.portolan'))).status).toBe(0)
    expect(contents('killed.portolan')).toEqual(contents('whole.portolan'))
  }, 240_000)

  test('stopped by Ctrl-C, says so, and is continued', async () => {
    const { child, ended, said } = start(...build('stopped.portolan', '--steps', '400'))
    while (!said().includes('icons')) await pause(20)
    child.kill('SIGINT')
    expect((await ended).status).toBe(130)
    const db = openProject(path('stopped.portolan'), { mode: 'read' })
    expect(db.one({ text: 'SELECT state FROM jobs' }, {})).toEqual({ state: 'cancelled' })
    db.close()
    expect((await portolan(...build('stopped.portolan'))).status).toBe(0)
  })

  test('tells a second writer who holds the project', async () => {
    const { child, ended, said } = start(...build('held.portolan', '--steps', '2000'))
    while (!said().includes('icons')) await pause(20)
    const second = await portolan(...build('held.portolan'))
    expect(second.status).toBe(1)
    expect(second.err).toContain(String(child.pid))
    child.kill('SIGINT')
    await ended
  })

  test('lists what cannot be read among good photographs, and makes the atlas of the others', async () => {
    const odd = path('odd')
    await mkdir(odd)
    await writeOddImages(odd)
    const { status, out, err } = await portolan(...build('odd.portolan', '--images', odd), '--json')
    const { photographs, unreadable } = z
      .object({ photographs: z.int(), unreadable: z.array(z.object({ file: z.string(), reason: z.string() })) })
      .parse(JSON.parse(out))
    expect(status).toBe(1)
    expect(photographs).toBeGreaterThan(PHOTOGRAPHS)
    expect(unreadable.length).toBeGreaterThan(10)
    expect(unreadable.every(({ reason }) => reason.length > 0)).toBe(true)
    expect(err).toContain('could not be read')
    expect(contents('odd.portolan').cells.length).toBeGreaterThan(0)
  })

  test('says what it would take, and does nothing', async () => {
    const { status, out } = await portolan(...build('dry.portolan', '--dry-run'))
    expect(status).toBe(0)
    expect(out).toMatch(/time, at most[\s\S]*disk[\s\S]*memory/)
    await expect(readFile(path('dry.portolan'))).rejects.toThrow(/ENOENT/)
  })
})

describe('what cannot be built is refused in one sentence', () => {
  const refused = async (args: string[], sentence: RegExp, status = 1) => {
    const found = await portolan(...args)
    const said = found.err.split('\n').filter(line => line.startsWith('portolan:'))
    expect(said.at(-1)).toMatch(sentence)
    expect(found.err).not.toContain('this is a bug')
    expect(found.status).toBe(status)
  }
  const over = (model: string, images = 'photos'): string[] =>
    buildFrom(images, 'refused.portolan', '--model', path(model))

  test('an empty folder', async () => {
    await mkdir(path('empty'))
    await refused(over('net.onnx', 'empty'), /no photographs in .*empty/)
  })
  test('a folder of nothing but broken files', async () => {
    await mkdir(path('broken'))
    for (const name of ['a.jpg', 'b.png']) await writeFile(path(`broken/${name}`), 'no picture')
    await refused(over('net.onnx', 'broken'), /no photograph can be read in .*broken/)
  })
  test('a model that is cut off, is no model, or has no sidecar', async () => {
    const bytes = await readFile(path('net.onnx'))
    await writeFile(path('cut.onnx'), bytes.subarray(0, bytes.length / 2))
    await writeFile(path('text.onnx'), 'once upon a time')
    await copyFile(path('net.onnx'), path('bare.onnx'))
    for (const name of ['cut', 'text']) await writeFile(path(`${name}.model.json`), sidecar())
    await refused(over('cut.onnx'), /cut\.onnx/)
    await refused(over('text.onnx'), /text\.onnx/)
    await refused(over('bare.onnx'), /bare\.model\.json/)
  })
  test('a model with an operator that nobody knows, by its name and node', async () => {
    const { graph, logits, softmax } = inception()
    const g = new GraphBuilder({ ...graph, nodes: graph.nodes.filter(node => !node.outputs.includes(softmax)) })
    g.append({ op: 'Mystery', domain: '', name: 'riddle', inputs: [logits], outputs: ['riddle'], attributes: {} })
    g.append({ op: 'Softmax', domain: '', name: 'p', inputs: ['riddle'], outputs: [softmax], attributes: {} })
    await writeFile(path('mystery.onnx'), writeGraph(pruned(g.build('mystery', graph.outputs))))
    await writeFile(path('mystery.model.json'), sidecar({ logits: 'riddle' }))
    await refused(over('mystery.onnx'), /Mystery.*riddle/)
  })
  test('a layer that is not there', () =>
    refused(build('refused.portolan', '--layers', 'mixed9z'), /mixed9z.*mixed/, 2))
  test('a project of a newer version, which stays as it was', async () => {
    await copyFile(path('whole.portolan'), path('newer.portolan'))
    const db = new Database(path('newer.portolan'))
    db.pragma('user_version = 99')
    db.close()
    const before = await readFile(path('newer.portolan'))
    await refused(build('newer.portolan'), /newer/)
    expect(await readFile(path('newer.portolan'))).toEqual(before)
  })
})
