import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pathOf, runner } from '../../electron/engine/cli/command.ts'
import { actions, commandTree } from '../../electron/engine/cli/program.ts'
import { Input, Sidecar } from '../../electron/engine/model/sidecar.ts'
import { openOrCreateProject } from '../../electron/engine/store/open.ts'
import { portolan, startPortolan } from '../fixtures/command-line.ts'
import { writeDotsNetwork, writeDotsPictures } from '../fixtures/dots-network.ts'
import { photograph } from '../fixtures/images.ts'
import { disagreements, documentedFields } from '../fixtures/json-fields.ts'
import { below, plain, rowsOf, sectionsOf } from '../fixtures/markdown.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** docs/formats.md describes the files: a change of one requires a change of the other. */
const sections = sectionsOf(readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8'))
const commands = below(sections, 'JSON of the commands')
const shared = below(sections, 'Shared objects')
const bodyOf = (title: string): string => {
  const found = [...commands.filter(({ level }) => level === 3), ...below(sections, 'Other output')].find(
    section => section.title === title,
  )
  if (!found) throw new Error(`docs/formats.md has no section "${title}"`)
  return found.body
}
const agree = (value: unknown, title: string) =>
  expect(disagreements(value, documentedFields(bodyOf(title), shared)), title).toEqual([])

let folder: string
const path = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-formats-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), 24)
  await photograph(40, 30, 3).png().toFile(path('red.png'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('docs/formats.md', () => {
  it('has every table and column of a project, and no other', () => {
    const file = path('empty.portolan')
    openOrCreateProject(file, { command: 'a test' }).close()
    const database = new Database(file, { readonly: true })
    try {
      const columns = database
        .prepare<[], { table: string; name: string; type: string; notnull: number; pk: number }>(`
          SELECT tables.name AS "table", columns.name, columns.type, "notnull", pk
          FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
          WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%'`)
        .all()
        .map(({ table, name, type, notnull, pk }) =>
          [table, name, type.toLowerCase() + (notnull || pk ? '' : ' or null')].join(' '),
        )
      const documented = below(sections, 'Project files')
        .filter(({ level }) => level === 4)
        .flatMap(({ title, body }) => rowsOf(body).map(([name, type]) => [title, plain(name!), type].join(' ')))
      expect(documented.toSorted()).toEqual(columns.toSorted())
    } finally {
      database.close()
    }
  })

  it('has every field of a sidecar, and no other', () => {
    const fields = rowsOf(sections.find(({ title }) => title === 'Models')!.body)
      .flatMap(([name]) => name!.split(', '))
      .map(plain)
    const known = Object.keys(Sidecar.shape).flatMap(name =>
      name === 'input' ? Object.keys(Input.shape).map(inner => `input.${inner}`) : [name],
    )
    expect(fields.toSorted()).toEqual(known.toSorted())
  })

  it('has a section for every command', async () => {
    const silent = { write: () => true }
    const run = runner(
      { report: () => {}, signal: AbortSignal.abort(), note: () => {}, print: () => {}, fail: () => {} },
      () => {},
    )
    const names = actions(await commandTree(run, { stdout: silent, stderr: silent })).map(command =>
      pathOf(command).replace(/^portolan /, ''),
    )
    const titles = commands.filter(({ level }) => level === 3).map(({ title }) => title)
    expect(names.filter(name => !titles.includes(name))).toEqual([])
    const strange = titles.filter(title => title !== 'Shared objects' && !names.includes(title.replace(/ --.*/, '')))
    expect(strange).toEqual([])
  })
})

describe('docs/formats.md describes what the commands print', () => {
  const json = async (...args: readonly string[]) => {
    const { status, out, err } = await portolan(...args, '--json')
    expect([0, 1], err).toContain(status)
    return JSON.parse(out)
  }
  const net = () => path('net.onnx')
  const photo = () => path('photos/000.jpg')
  const project = () => path('a.portolan')
  const atlas = ['--layers', 'mixed3b', '--grid', '2,4', '--min-samples', '1', '--preset', 'draft', '--steps', '2']
  const build = () => ['--model', net(), '--images', path('photos'), '--samples', '96', ...atlas]

  it('of networks', async () => {
    copyFileSync(net(), path('bare.onnx'))
    agree(await json('model', 'init', path('bare.onnx')), 'model init')
    agree(await json('model', 'info', net()), 'model info')
    writeFileSync(path('broken.jpg'), 'none')
    agree(await json('classify', net(), photo(), path('broken.jpg')), 'classify')
    for (const name of ['thing 0', 'thing 1', 'nothing']) {
      mkdirSync(path(`named/${name}`), { recursive: true })
      await photograph(50, 40, name.length)
        .jpeg()
        .toFile(path(`named/${name}/a.jpg`))
    }
    agree(await json('evaluate', net(), '--images', path('named')), 'evaluate')
    copyFileSync(net(), path('tried.onnx'))
    writeFileSync(path('things.txt'), Array.from({ length: 10 }, (_, i) => `thing ${i}`).join('\n'))
    const tried = ['--images', path('named'), '--labels', path('things.txt')]
    agree(await json('model', 'init', path('tried.onnx'), ...tried), 'model init')
    agree(await json('runtimes', net()), 'runtimes')
    agree(await json('doctor', net()), 'doctor')
  })

  it('of single layers', async () => {
    const at = ['attribute', net(), photo(), '--layer', 'mixed3a', '--at', '2,3']
    agree(await json(...at), 'attribute')
    agree(await json(...at, '--all'), 'attribute')
    const few = ['--preset', 'draft', '--steps', '2']
    const channels = ['--layer', 'mixed3a', '--channels', '0,1', '--out', path('icons')]
    agree(await json('invert', net(), ...channels, ...few), 'invert')
    agree(await json('grid', net(), photo(), '--layer', 'mixed4a', '--steps', '1', '--png', path('g.png')), 'grid')
  })

  it('of projects, atlases and patches', async () => {
    agree(await json('atlas', 'build', project(), ...build(), '--dry-run'), 'atlas build --dry-run')
    agree(await json('atlas', 'build', project(), ...build()), 'atlas build')
    const files = ['--cells', path('cells.json'), '--npy', path('arrays')]
    agree(await json('atlas', 'export', project(), '--layer', 'mixed3b', '--grid', '4', ...files), 'atlas export')
    agree(await json('atlas', 'stability', project(), '--layer', 'mixed3b'), 'atlas stability')
    const { cells, labels, fidelity, ...about } = JSON.parse(readFileSync(path('cells.json'), 'utf8'))
    agree({ cells, labels, fidelity }, 'Cells')
    agree({ ...about, shown: cells.length, files: [''] }, 'atlas export')
    expect(
      readdirSync(path('arrays')).map(file => {
        const header = /'descr': '(.*?)'.*'shape': \((.*?)\)/.exec(readFileSync(join(path('arrays'), file), 'latin1'))!
        const dims = header[2]!.split(',').filter(dim => dim.trim() !== '').length
        return `${file} ${header[1]} ${dims}`
      }),
    ).toEqual(
      rowsOf(bodyOf('NumPy arrays'))
        .map(
          ([file, dtype, shape]) =>
            `${plain(file!)} ${plain(dtype!)} ${shape!.split(',').filter(dim => dim !== ')').length}`,
        )
        .toSorted(),
    )
    const some = ['--layer', 'mixed3b', '--magnitude', '20', '--min-samples', '1', '--grid', '2']
    agree(await json('class-atlas', project(), '--class', '3', ...some, '--png', path('c.png')), 'class-atlas')
    agree(await json('compare', project(), '--classes', '3,4', ...some), 'compare')

    const top: number = (await json('classify', net(), photo())).images[0].top[0].index
    const classes = ['--source', String(top), '--target', String(top === 1 ? 2 : 1)]
    const trials = ['--csv', path('t.csv'), '--trials', path('t.json')]
    const order = [project(), '--model', net(), '--resamplings', '100', ...classes]
    const patches = ['--images', path('photos'), '--patch', path('red.png'), '--sizes', '.2,.4']
    agree(await json('patch', 'experiment', ...order, ...patches, ...trials), 'patch experiment')
    const columns = rowsOf(bodyOf('Trials as CSV')).map(([name]) => plain(name!))
    expect(readFileSync(path('t.csv'), 'utf8').split('\r\n')[0]).toBe(columns.join(','))
    for (const trial of JSON.parse(readFileSync(path('t.json'), 'utf8')).trials) agree(trial, 'Trials as JSON')
    agree(await json('patch', 'suggest', ...order, '--sizes', '.4', '--candidates', '4'), 'patch suggest')

    agree(await json('atlas', 'layout', project(), ...atlas, '--method', 'tsne', '--perplexity', '5'), 'atlas build')
    agree(await json('project', 'info', project()), 'project info')
    agree(await json('project', 'check', project()), 'project check')
    agree(await json('jobs', 'list', project()), 'jobs list')
    agree(await json('jobs', 'list', project(), '--job', '1'), 'jobs list --job')
    agree(await json('project', 'unlock', project()), 'project unlock')
    agree(
      await json('export', project(), '--parquet', path('tables'), '--activations', '--attributions', '--icons'),
      'export',
    )
    agree(await json('samples', 'export', project(), '--out', path('s.samples')), 'samples export')
    agree(await json('samples', 'import', path('i.portolan'), path('s.samples'), '--model', net()), 'samples import')
  })

  it('of claims', async () => {
    await writeDotsNetwork(path('dots.onnx'))
    await writeDotsPictures(path('dots'), path('dots-patches'))
    const about = ['--model', path('dots.onnx'), '--images', path('dots'), '--patches', path('dots-patches')]
    agree(await json('claims', path('claims.portolan'), ...about, '--samples', '96', '--out', folder), 'claims')
  })

  it('of patches on one photograph', async () => {
    const patch = ['--patch', path('red.png')]
    agree(await json('patch', 'compose', net(), photo(), ...patch, '--out', path('o.png')), 'patch compose')
    agree(await json('patch', 'classify', net(), photo(), ...patch, '--class', '3'), 'patch classify')
    const sweep = [net(), photo(), path('red.png'), '--source', '1', '--target', '2', '--sizes', '.2,.4']
    agree(await json('patch', 'sweep', ...sweep), 'patch sweep')
  })

  it('of jobs that are cancelled and resumed', async () => {
    const long = path('long.portolan')
    const running = startPortolan('atlas', 'build', long, ...build().with(-1, '60').with(-5, '1').with(-7, '8'))
    await running.waitFor(/icons: /)
    agree(await json('jobs', 'cancel', long), 'jobs cancel')
    await running.ended
    agree(await json('jobs', 'resume', long), 'jobs resume')
  })
})
