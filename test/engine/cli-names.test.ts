import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pictureFile } from '../../electron/engine/cli/class-atlas-run.ts'
import { parseLabels } from '../../electron/engine/model/label-file.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const CLASSES = ['黄色い花', 'ひまわり', 'crane', 'crane', '5', 'bottle, beer', 'bottle, wine', 'CD/DVD', 'café', '4']

/** Acts on a terminal, and has a letter that figures cannot set. */
const SIDECAR_NAME = 'net\u001b]0;title\u0007\u202eש'

let folder: string
const path = (...names: string[]): string => join(folder, ...names)
const portolan = (...args: string[]) => startPortolan(...args).ended
const hash = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-names-'))
  await writeNetwork(path('net.onnx'))
  const sidecar = JSON.parse(await readFile(path('net.model.json'), 'utf8'))
  sidecar.labels = 'labels.txt'
  sidecar.name = SIDECAR_NAME
  await writeFile(path('net.model.json'), JSON.stringify(sidecar))
  await writeFile(path('labels.txt'), Buffer.from(`\uFEFF${CLASSES.join('\r\n')}\r\n`, 'utf16le'))
  for (const name of ['café', 'CD_DVD', '4', 'crane']) await writePhotographs(path('photos', name.normalize('NFD')), 3)
  const built = await portolan(
    ...['atlas', 'build', path('a.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...[
      '--samples',
      '48',
      '--layers',
      'mixed3b',
      '--grid',
      '2,160',
      '--min-samples',
      '1',
      '--preset',
      'draft',
      '--steps',
      '2',
    ],
  )
  expect(built.status, built.err).toBe(0)
}, 240_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('names', () => {
  it('of folders are labels in either form of Unicode, and folders that name no class are reported', async () => {
    const { status, out, err } = await portolan(...['evaluate', path('net.onnx'), '--images', path('photos'), '--json'])
    expect(status).toBe(0)
    const result = JSON.parse(out)
    expect(result.perClass.map(({ index, n }: { index: number; n: number }) => [index, n])).toEqual([
      [7, 3],
      [8, 3],
      [9, 3],
    ])
    expect(result.unknown).toMatchObject([{ hint: 'crane', photographs: 3, classes: [{ index: 2 }, { index: 3 }] }])
    expect(err).toContain(
      '3 of 12 photographs have no class of the model and were left out: 3 in "crane", the name of 2 classes',
    )
  }, 120_000)

  it('of classes that look alike are found by their references, and name pictures of their own', async () => {
    for (const [reference, index] of [
      ['黄色い花', 0],
      ['ひまわり', 1],
      ['index:2', 2],
      ['label:4', 9],
    ] as const) {
      const { status, out, err } = await portolan(
        ...['class-atlas', path('a.portolan'), '--layer', 'mixed3b', '--class', reference, '--magnitude', '20'],
        ...['--grid', '1', '--min-samples', '1', '--png', path('x.png'), '--json'],
      )
      expect(status, err).toBe(0)
      expect(JSON.parse(out)).toMatchObject({ class: { index }, unsetLetters: [{ text: SIDECAR_NAME }] })
    }
    const labels = parseLabels(CLASSES, 'x')
    const layers = ['mixed4c', 'Mixed4c', 'a,b', 'a b', '/a/b']
    const files = labels.flatMap(label => layers.map(layer => pictureFile(true, [label], layer, 4, false)))
    expect(new Set(files.map(file => file.toLowerCase())).size).toBe(CLASSES.length * layers.length)
    expect(files[0]).toBe('黄色い花-0-mixed4c.png')
  }, 240_000)

  it('with commas can be compared, and ambiguous ones are refused with references', async () => {
    const compare = (...classes: string[]) =>
      portolan(
        ...[
          'compare',
          path('a.portolan'),
          '--layer',
          'mixed3b',
          '--magnitude',
          '20',
          '--grid',
          '2',
          '--min-samples',
          '1',
        ],
        ...classes.flatMap(each => ['--classes', each]),
        '--json',
      )
    for (const classes of [['bottle, beer', 'bottle, wine'], ['bottle\\, beer,bottle\\, wine']]) {
      const { status, out, err } = await compare(...classes)
      expect(status, err).toBe(0)
      expect(JSON.parse(out)).toMatchObject({ left: { index: 5 }, right: { index: 6 } })
    }
    const refused = await compare('4', 'crane')
    expect(refused.status).toBe(2)
    expect(refused.err).toContain(
      '"4" is ambiguous between 2 classes: "label:5" (4 5), "label:4" (9 4); use one of these references',
    )
  }, 240_000)

  it('from files never reach the terminal as they are', async () => {
    const db = new Database(path('a.portolan'))
    db.prepare("UPDATE atlases SET name = char(27) || '[2J' || char(0x9b) || char(0x202e)").run()
    db.close()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
    for (const args of [
      ['project', 'info', path('a.portolan')],
      ['project', 'info', path('a.portolan'), '--json'],
      ['atlas', 'export', path('a.portolan'), '--layer', 'mixed3b', '--grid', '7', '--png', path('p.png')],
      ['atlas', 'export', path('a.portolan'), '--layer', 'mixed3b', '--grid', '2', '--png', path('p.png')],
      ['classify', path('net.onnx'), path('photos', 'gone\u001b[2J.jpg')],
      ['model', 'info', path('net.onnx')],
    ]) {
      const { out, err } = await portolan(...args)
      expect(out + err).not.toMatch(acting)
      expect((out + err).length).toBeGreaterThan(20)
    }
  }, 240_000)
})

describe('outputs', () => {
  it('over inputs are refused before work begins, and nothing is changed', async () => {
    const photograph = path('photos', 'crane', '000.jpg')
    await symlink('net.onnx', path('link.png'))
    const inputs = [path('a.portolan'), path('net.onnx'), path('net.model.json'), path('labels.txt'), photograph]
    const before = await Promise.all(inputs.map(hash))
    const compose = [
      'patch',
      'compose',
      path('net.onnx'),
      photograph,
      '--patch',
      path('photos', 'crane', '001.jpg'),
      '--out',
    ]
    const atlas = ['atlas', 'export', path('a.portolan'), '--layer', 'mixed3b', '--grid', '2']
    for (const args of [
      ...inputs.slice(1).map(file => [...compose, file]),
      [...compose, path('link.png')],
      ...inputs.map(file => [...atlas, '--png', file]),
      [...atlas, '--cells', path('a.portolan')],
      ['samples', 'export', path('a.portolan'), '--out', path('a.portolan')],
      ['grid', path('net.onnx'), photograph, '--layer', 'mixed3b', '--png', photograph],
      ['class-atlas', path('a.portolan'), '--layer', 'mixed3b', '--class', 'café', '--png', path('a.portolan')],
    ]) {
      const { status, err } = await portolan(...args)
      expect(err, args.join(' ')).toMatch(/^portolan: cannot write [^\n]+\n$/)
      expect(status).toBe(2)
    }
    expect(await Promise.all(inputs.map(hash))).toEqual(before)
  }, 240_000)

  it('larger than a picture may be are refused by their limit', async () => {
    const { status, err } = await portolan(
      ...['atlas', 'export', path('a.portolan'), '--layer', 'mixed3b', '--grid', '160', '--cell', '512'],
      ...['--png', path('large.png')],
    )
    expect(status).toBe(2)
    expect(err).toBe(
      'portolan: --cell takes at most 102 with --grid 160: 160 × 160 cells of 512 px are a picture of 81,920 px, and common viewers open at most 16,384\n',
    )
    expect(await readdir(folder)).not.toContain('large.png')
  }, 60_000)

  it('that fail leave no files', async () => {
    const { status, err } = await portolan(
      ...['atlas', 'export', path('a.portolan'), '--layer', 'mixed3b', '--grid', '2', '--png', '/dev/full'],
    )
    expect(status).toBe(1)
    expect(err).toBe('portolan: cannot write /dev/full: the disk is full; choose another place\n')
    expect((await readdir(folder)).filter(name => name.startsWith('.'))).toEqual([])
  }, 60_000)
})
