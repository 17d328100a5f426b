import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineClient, EngineFailure } from '../fixtures/engine-client.ts'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { commandsOn, fuzzProjectRows } from '../fuzz/project-rows.ts'
import { complaint, Runner } from '../fuzz/runner.ts'
import { fuzzSamplesFiles, type OpenSection, repacked, resigned } from '../fuzz/samples-files.ts'

let folder: string
let project: string
let engine: EngineClient
const runner = new Runner()
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  project = await writeFullProject(folder)
  engine = await EngineClient.start(join(folder, 'data'))
}, 240_000)
afterAll(async () => {
  runner.stop()
  await engine.stop()
  rmSync(folder, { recursive: true })
})

test('the commands that are tried on them succeed on a sound project', async () => {
  for (const command of commandsOn(project, join(folder, 'sound'))) {
    const { status, err } = await runner.run(...command)
    expect(status, `${command.join(' ')}: ${err}`).toBe(0)
  }
}, 120_000)

// Small and fixed; many more in test/long.
test('a damaged project is never reported as intact, and never ends in a stack', async () => {
  expect((await fuzzProjectBytes(project, folder, 11, 15)).failures).toEqual([])
}, 120_000)

test('a project made by hand ends in a result or a sentence', async () => {
  expect((await fuzzProjectRows(project, folder, 12, 6)).failures).toEqual([])
}, 240_000)

test.each([
  `UPDATE models SET sidecar = '1e300'`,
  `UPDATE models SET sidecar = '{"license":5}'`,
  `UPDATE models SET layers = '{"a":1}'`,
  `UPDATE models SET layers = '[null]'`,
  `UPDATE classifiers SET labels = '{}'`,
  `UPDATE classifiers SET labels = '[{"name":5}]'`,
  `UPDATE classifiers SET layers = '{"a":1}'`,
  `UPDATE classifiers SET layers = '[{}]'`,
  `UPDATE classifiers SET probabilities = 'both'`,
  `UPDATE classifiers SET input = '[5]'`,
  `UPDATE classifiers SET input = '{"size":"large"}'`,
  `UPDATE icons SET preset = ''`,
  `UPDATE atlases SET preset = '{"name":"draft","seed":0}'`,
  `UPDATE matrices SET classifier = '1' WHERE kind = 'activation'`,
  `DELETE FROM matrices`,
  `UPDATE samples SET idx = 'null' WHERE idx = 5`,
  `UPDATE samples SET set_id = -5 WHERE idx = 5`,
  `UPDATE icons SET webp = x'ffffffffffffff7f'`,
  `UPDATE icons SET webp = '<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"/>'`,
  `UPDATE icons SET webp = CAST('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' AS BLOB)`,
  `UPDATE icons SET webp = (SELECT webp FROM patches LIMIT 1)`,
  `UPDATE patches SET webp = x'00'`,
  `UPDATE patches SET width = 4, height = 4`,
  `UPDATE layouts SET trustworthiness = 2147483647`,
  `UPDATE layouts SET xy = CAST(zeroblob(length(xy) - 4) || x'0000c07f' AS BLOB)`,
  `UPDATE layouts SET samples = zeroblob(length(samples)) WHERE samples IS NOT NULL`,
  `UPDATE sample_sets SET per_image = 0`,
  `DELETE FROM project`,
  `UPDATE matrix_tails SET start = 9007199254740993 WHERE start = 0`,
  `UPDATE matrix_tails SET start = start + 1000 WHERE start = 0`,
  `INSERT INTO matrix_pages SELECT matrix, 7, data FROM matrix_tails WHERE start = 0; DELETE FROM matrix_tails WHERE start = 0`,
  `UPDATE matrix_tails SET data = replace(hex(zeroblob(length(data) / 4)), '00', char(32256))`,
  `UPDATE cells SET direction = CAST(zeroblob(length(direction) - 4) || x'0000807f' AS BLOB)`,
  `UPDATE cells SET direction = NULL WHERE icon IS NOT NULL`,
  `UPDATE moments SET data = CAST(zeroblob(length(data) - 8) || x'000000000000f07f' AS BLOB)`,
  `UPDATE checksums SET adopted = '{}'`,
])(
  'a row of another form, or a missing one, ends in a sentence, whatever is done with it: %s',
  async sql => {
    const file = join(folder, 'described.portolan')
    copyFileSync(project, file)
    const database = new Database(file)
    database.pragma('ignore_check_constraints = ON')
    database.pragma('foreign_keys = OFF')
    database.exec(sql)
    database.close()
    for (const command of commandsOn(file, join(folder, 'described'))) {
      const ending = await runner.run(...command)
      expect(complaint(ending), `${command[0]} ${command[1]}`).toBeUndefined()
    }
    const key = await resultOf('project.open', () => engine.call('project.open', { file }).then(opened => opened.key))
    if (key === undefined) return
    const calls = [
      ['models.list', {}],
      ['atlas.list', {}],
      ['atlas.attribution', { atlas: 1, grid: 4, classes: [3] }],
      ['cell.detail', { atlas: 1, grid: 4, i: 1, j: 1, classes: 3, nearest: 3 }],
      ['classAtlas.counts', { from: 1, class: 3, filter: { rank: 1, magnitude: null, sign: 'positive' } }],
      ['classAtlas.cells', { atlas: 3, grid: 3 }],
      ['comparison.cells', { atlas: 4, grid: 3, swap: false }],
      ['experiment.result', { experiment: 1 }],
    ] as const
    for (const [name, input] of calls) await resultOf(name, () => engine.raw(name, input))
    const tile = { project: key, atlas: 1, grid: 4, tileI: 0, tileJ: 0, size: 32, revision: 1 } as const
    for (const kind of ['icons', 'crops'] as const) await resultOf(kind, () => engine.picture({ kind, ...tile }))
  },
  120_000,
)

test('a path with a null character is refused in a sentence by every call that takes one', async () => {
  for (const [name, input] of [
    ['project.create', { file: join(folder, 'a\0b') }],
    ['project.open', { file: `${project}\0` }],
    ['models.add', { file: join(folder, 'net.onnx\0') }],
    ['photograph.add', { files: [join(folder, 'red.png\0')] }],
  ] as const) {
    const refused = await engine.raw(name, input).catch((error: unknown) => error)
    expect(refused, name).toBeInstanceOf(EngineFailure)
    expect(refused).toMatchObject({ isExpected: true, message: expect.stringContaining('null character') })
  }
})

test('cells of a class atlas need no labels, which earlier versions did not store', async () => {
  const file = join(folder, 'unlabelled.portolan')
  copyFileSync(project, file)
  const database = new Database(file)
  database.exec('DELETE FROM cell_labels')
  database.close()
  for (const path of [project, file]) {
    await engine.call('project.open', { file: path })
    const { attribution } = await engine.call('classAtlas.cells', { atlas: 3, grid: 3 })
    expect(attribution.length).toBeGreaterThan(0)
    expect((await engine.call('classAtlas.cells', { atlas: 3, grid: 5 })).attribution).toHaveLength(0)
  }
})

test('a class that the network does not have is refused by every call', async () => {
  const file = join(folder, 'classes.portolan')
  copyFileSync(project, file)
  await engine.call('project.open', { file })
  const [model] = await engine.call('models.list', {})
  const beyond = [
    engine.call('atlas.attribution', { atlas: 1, grid: 4, classes: [3, 10] }),
    engine.call('patch.compose', { model: model!.hash, composition: { image: 1, patches: [] }, top: 1, pinned: [10] }),
    engine.call('sweep.start', {
      model: model!.hash,
      image: 1,
      patch: 1,
      look: {},
      source: 3,
      target: 10,
      sizes: [0.2],
      positions: 2,
    }),
  ]
  for (const refused of await Promise.allSettled(beyond))
    expect(refused).toMatchObject({
      reason: { isExpected: true, message: expect.stringContaining('there is no class 10: ') },
    })
}, 120_000)

/** The result, or undefined where the engine refused in a sentence. */
const resultOf = async <Result>(what: string, request: () => Promise<Result>): Promise<Result | undefined> => {
  try {
    return await request()
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    expect(error.isExpected, `${what}: ${error.message}`).toBe(true)
    expect(error.message.length, what).toBeLessThanOrEqual(500)
    return undefined
  }
}

/** Samples of another form in a file that is signed well. */
const hostileSamples: readonly [
  string,
  (sections: readonly OpenSection[], contents: { [name: string]: unknown }) => void,
  string,
][] = [
  ['attributions that are no numbers', sections => filled(sections, 'attributions', 0x7e00), 'the value NaN of class'],
  [
    'attributions to no class',
    sections => section(sections, 'attributions').bytes.fill(0x10, 0, 2),
    'class 4112 of 10',
  ],
  [
    'activations beyond all numbers',
    sections => {
      const { bytes } = section(sections, 'range')
      bytes.writeFloatLE(3e38, 0)
    },
    'a scale of mixed3b is 3',
  ],
  [
    'a bomb of photographs',
    (sections, contents) => {
      contents.photographs = 2 ** 28
      contents.names = null
      const photographs = section(sections, 'photographs')
      photographs.count = 2 ** 28
      photographs.bytes = Buffer.alloc(2 ** 20)
    },
    'it lists 268435456 photographs for 96 samples',
  ],
  ['a bomb of names', (_, contents) => Object.assign(contents, { names: 2 ** 31 }), 'its names take more than'],
  [
    'a bomb of attributions',
    (_, contents) => Object.assign(contents.attribution as object, { kept: 65_535 }),
    'it has 65535 attributions of each sign for 10 classes',
  ],
  [
    'notes of a layout that are a list',
    (_, contents) => Object.assign((contents.layouts as object[])[0]!, { notes: [] }),
    'its contents are wrong at "layouts.0.notes"',
  ],
  [
    'a photograph of half a size',
    sections => section(sections, 'photographs').bytes.fill(0, 0, 4),
    'photograph 0 has 0 ×',
  ],
  [
    'a name that is no path',
    (sections, contents) => named(sections, contents, 'a\0b'),
    'their names are not those of 24',
  ],
]
const section = (sections: readonly OpenSection[], part: string): OpenSection =>
  sections.find(each => each.part === part)!
/** Replaces values of attributions that are not zero. */
const filled = (sections: readonly OpenSection[], part: string, half: number): void => {
  const { bytes } = section(sections, part)
  for (let at = bytes.length / 2; at < bytes.length; at += 2)
    if (bytes.readUInt16LE(at) !== 0) bytes.writeUInt16LE(half, at)
}
/** Replaces the path of the first photograph. */
const named = (sections: readonly OpenSection[], contents: { [name: string]: unknown }, relative: string): void => {
  const names = section(sections, 'names')
  const [first, ...others] = JSON.parse(names.bytes.toString())
  names.bytes = Buffer.from(JSON.stringify([{ ...first, relative }, ...others]))
  contents['names'] = names.bytes.length
}

test.each(hostileSamples)(
  'samples with %s are refused in a sentence',
  async (name, change, reason) => {
    const samples = join(folder, 'named.samples')
    if (!existsSync(samples)) await runner.run('samples', 'export', project, '--names', '--out', samples)
    const file = join(folder, `${name}.samples`)
    writeFileSync(file, repacked(readFileSync(samples), change))
    const model = join(folder, 'net.onnx')
    const ending = await runner.run('samples', 'import', join(folder, `${name}.portolan`), file, '--model', model)
    expect(complaint(ending)).toBeUndefined()
    expect([ending.status, ending.err]).toEqual([1, expect.stringContaining(reason)])
  },
  60_000,
)

test('a samples file that is damaged, or well signed and wrong, ends in a result or a sentence', async () => {
  const samples = join(folder, 'a.samples')
  const model = join(folder, 'net.onnx')
  expect(await runner.run('samples', 'export', project, '--out', samples)).toMatchObject({ status: 0 })
  const twice = join(folder, 'twice.samples')
  writeFileSync(
    twice,
    resigned(readFileSync(samples), contents => {
      const { layers, ...others } = contents as { layers: string[] }
      return { ...others, layers: [...layers, layers[0]!] }
    }),
  )
  const { status, err } = await runner.run('samples', 'import', join(folder, 'twice.portolan'), twice, '--model', model)
  expect([status, err.includes('is listed twice')], err).toEqual([1, true])
  expect((await fuzzSamplesFiles({ samples, model }, folder, 13, 16)).failures).toEqual([])
}, 240_000)
