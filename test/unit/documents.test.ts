import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import type { RuntimeName } from '../../electron/contract/runtimes.ts'
import { pathOf, runner } from '../../electron/engine/cli/command.ts'
import { actions, commandTree } from '../../electron/engine/cli/program.ts'
import { dependencyRules, printedRules } from '../fixtures/dependency-rules.ts'
import { anchorsOf, between, plain, rowsOf, sectionsOf } from '../fixtures/markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`),
]
/** Folders that paths on a page may be relative to, in addition to the root: the page states it at its top. */
const bases: Readonly<Record<string, string>> = {
  'docs/method.md': 'electron/engine',
  'docs/extending.md': 'electron/engine',
  'docs/architecture.md': 'electron/engine',
  'docs/glossary.md': 'electron',
}

const FENCED = /^```.*\n([\s\S]*?)^```/gm
const blocksOf = (text: string): readonly string[] => [...text.matchAll(FENCED)].map(([, code]) => code!)
const spansOf = (text: string): readonly string[] =>
  [...text.replace(FENCED, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)

describe('links', () => {
  it.each(pages)('%s', page => {
    const broken = [
      ...read(page)
        .replace(FENCED, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ]
      .map(([, target]) => target!)
      .filter(target => !/^https?:/.test(target))
      .filter(target => {
        const [file, anchor] = target.split('#')
        const path = file ? join(dirname(page), file) : page
        return !existsSync(join(root, path)) || (anchor !== undefined && !anchorsOf(read(path)).has(anchor))
      })
    expect(broken).toEqual([])
  })
})

/** Folders that npm and the build add to the sources. */
const generated = new Set(['node_modules', 'out', 'dist', '.git'])
const tops = new Set(readdirSync(root).filter(name => !generated.has(name)))
/** All files and folders, relative to the root. */
const known = new Set(
  [...tops].flatMap(top => [
    top,
    ...(statSync(join(root, top)).isDirectory()
      ? readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map(
          name => `${top}/${name.replaceAll('\\', '/')}`,
        )
      : []),
  ]),
)
const names = new Set([...known].map(file => file.split('/').at(-1)!))

/** A path with placeholders such as NAME as an expression. */
const pattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[.+?^$()|[\]\\]/g, '\\$&')
      .replace(/\{([^}]*)\}/g, (_, names: string) => `(${names.replaceAll(',', '|')})`)
      .replace(/\*|\b(NAME|FAMILY|KIND|NNNN)\b/g, '[^/]*')}$`,
  )

describe('paths', () => {
  const isThere = (path: string, page: string): boolean => {
    const open = /[*{]|\b(NAME|FAMILY|KIND|NNNN)\b/.test(path)
    // A file name alone may be of several folders.
    if (open && !path.includes('/')) return [...names].some(name => pattern(path).test(name))
    return [path, ...(bases[page] ? [`${bases[page]}/${path}`] : [])].some(each =>
      open ? [...known].some(file => pattern(each).test(file)) : known.has(each),
    )
  }
  it.each(pages)('%s', page => {
    const text = read(page)
    const words = [...spansOf(text), ...blocksOf(text).flatMap(code => code.split(/\s+/))]
    const paths = words
      .map(word => word.replace(/\/$/, ''))
      .filter(word => /^[\w.@*{},-]+(\/[\w.@*{},-]+)*$/.test(word))
      .filter(word => (word.includes('/') && tops.has(word.split('/')[0]!)) || /\.(ts|tsx|mjs)$/.test(word))
    expect(paths.filter(path => !isThere(path, page))).toEqual([])
  })
})

describe('identifiers', () => {
  const words = new Set(
    [...known]
      .filter(file => /^(electron|renderer|test)\/.*\.tsx?$/.test(file))
      .flatMap(file => read(file).match(/[A-Za-z_]\w*/g) ?? []),
  )
  it.each(['docs/architecture.md', 'docs/extending.md'])('%s', page => {
    const named = spansOf(read(page)).filter(
      span => /^[A-Za-z]\w+$/.test(span) && !/^(NAME|FAMILY|KIND|NNNN)$/.test(span),
    )
    expect(named.filter(name => !words.has(name))).toEqual([])
  })
})

const silent = { write: () => true }
const nothing = runner(
  { report: () => {}, signal: AbortSignal.abort(), note: () => {}, print: () => {}, fail: () => {} },
  () => {},
)
const commands = new Map(
  actions(await commandTree(nothing, { stdout: silent, stderr: silent })).map(command => [
    pathOf(command).replace(/^portolan /, ''),
    new Set([...command.options.flatMap(({ long }) => long ?? []), '--help']),
  ]),
)
const groups = new Set([...commands.keys()].filter(name => name.includes(' ')).map(name => name.split(' ')[0]!))

/** The faults of the words that follow `portolan`. */
function wrongOf(line: string): string | undefined {
  const words = line.trim().split(/\s+/)
  if (words[0] === '' || words[0]!.startsWith('-')) return undefined
  const name = [words.slice(0, 2).join(' '), words[0]!].find(name => commands.has(name))
  if (name === undefined)
    return groups.has(words[0]!) && words.length === 1 ? undefined : `no command: portolan ${line}`
  const options = words.filter(word => word.startsWith('--') && word !== '--').map(word => word.split('=')[0]!)
  const strange = options.find(option => !commands.get(name)!.has(option))
  return strange && `no option ${strange} of portolan ${name}`
}

describe('commands and options', () => {
  it.each(pages)('%s', page => {
    const text = read(page)
    const lines = blocksOf(text).flatMap(code => code.replace(/\\\n/g, ' ').split('\n'))
    const calls = [...lines.map(line => line.replace(/\s#.*/, '')), ...spansOf(text)].flatMap(line => {
      const called = /^(?:.*\bnpx )?portolan (.*)$|^npm run portolan -- (.*)$/.exec(line.trim())
      if (called) return [called[1] ?? called[2]!]
      // `atlas export --cells` is a call without the program's name.
      return commands.has(line.split(' --')[0]!) && line.includes(' --') ? [line] : []
    })
    expect(calls.map(wrongOf).filter(wrong => wrong !== undefined)).toEqual([])
    const all = new Set([...commands.values()].flatMap(options => [...options]))
    const alone = spansOf(text).filter(span => /^--[a-z-]+$/.test(span))
    expect(alone.filter(option => !all.has(option))).toEqual([])
  })

  it('README names every command', () => {
    const table = spansOf(read('README.md')).join(' ')
    const missing = [...commands.keys()].filter(name => !table.includes(name.split(' ').at(-1)!))
    expect(missing).toEqual([])
  })
})

it('scripts', () => {
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')))
  const named = pages.flatMap(page => [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!))
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(script => !Object.hasOwn(scripts, script))).toEqual([])
})

it('README and docs/method.md name every preset', () => {
  const readme = rowsOf(sectionsOf(read('README.md')).find(({ title }) => title === 'How icons are made')!.body)
  expect(readme.map(([name]) => plain(name!)).toSorted()).toEqual(PresetNameSchema.options.toSorted())
  const objectives = rowsOf(sectionsOf(read('docs/method.md')).find(({ title }) => title === 'Icons')!.body)
  expect(objectives.flatMap(([names]) => names!.split(', ').map(plain)).toSorted()).toEqual(
    PresetNameSchema.options.toSorted(),
  )
})

/** The name of a runtime in README. */
const RUNTIMES: Readonly<Record<RuntimeName, string>> = {
  cpu: 'CPU (ONNX Runtime)',
  cuda: 'CUDA (ONNX Runtime)',
  webgpu: 'WebGPU (ONNX Runtime)',
  dml: 'DirectML (ONNX Runtime)',
  coreml: 'CoreML (ONNX Runtime)',
  tensorflow: 'TensorFlow',
}

it('README lists every runtime with what it needs', () => {
  const rows = rowsOf(sectionsOf(read('README.md')).find(({ title }) => title === 'Runtimes')!.body)
  const names = new Set(rows.map(([name]) => name!.replace(/^TensorFlow .*/, 'TensorFlow')))
  expect([...names].toSorted()).toEqual(Object.values(RUNTIMES).toSorted())
})

describe('docs/architecture.md', () => {
  it('prints what may import what, of every folder of the engine', async () => {
    const printed = rowsOf(between(read('docs/architecture.md'), 'dependency-rules'))
    expect(printed.map(([folder, , imports]) => [plain(folder!), imports])).toEqual(await printedRules())
    const folders = readdirSync(join(root, 'electron/engine'), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
    expect(printed.map(([folder]) => plain(folder!)).toSorted()).toEqual(folders.toSorted())
  })

  it('is right that imports between folders form no circle', async () => {
    const { may } = await dependencyRules()
    const ready = new Set<string>()
    const rest = new Set(Object.keys(may))
    for (let before = -1; before !== ready.size; ) {
      before = ready.size
      for (const name of rest)
        if (may[name]!.every(other => ready.has(other))) {
          ready.add(name)
          rest.delete(name)
        }
    }
    expect([...rest]).toEqual([])
  })
})

it('help lists required options first, and marks them', async () => {
  for (const command of actions(await commandTree(nothing, { stdout: silent, stderr: silent }))) {
    const help = command.createHelp()
    const shown = help.visibleOptions(command)
    const required = shown.filter(({ mandatory }) => mandatory)
    expect(shown.slice(0, required.length), pathOf(command)).toEqual(required)
    for (const option of required) expect(help.optionDescription(option)).toMatch(/ \(required\)$/)
  }
})
