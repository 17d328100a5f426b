import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutputDraft, requireSeparate, writeOutput } from '../../electron/engine/files/output.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-output-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const path = (...names: string[]): string => join(folder, ...names)

describe('a file that is written', () => {
  test('is complete or unchanged, and leaves no other file', async () => {
    await writeOutput(path('a/b/new.txt'), 'one')
    expect(readFileSync(path('a/b/new.txt'), 'utf8')).toBe('one')
    const failing = function* (): Generator<string> {
      yield 'half of '
      throw new Error('no more')
    }
    await expect(writeOutput(path('a/b/new.txt'), failing())).rejects.toThrow('no more')
    await expect(writeOutput(path('a/b/other.txt'), failing())).rejects.toThrow('no more')
    expect(readFileSync(path('a/b/new.txt'), 'utf8')).toBe('one')
    expect(readdirSync(path('a/b'))).toEqual(['new.txt'])
  })

  test('comes in parts, and keeps the rights of the one before', async () => {
    writeFileSync(path('x'), 'old', { mode: 0o640 })
    const draft = await OutputDraft.create(path('x'))
    await draft.write('on')
    await draft.write(new Uint8Array([101]))
    expect(readFileSync(path('x'), 'utf8')).toBe('old')
    await draft.finish()
    expect(readFileSync(path('x'), 'utf8')).toBe('one')
    expect(statSync(path('x')).mode & 0o777).toBe(0o640)
  })

  test('follows links', async () => {
    writeFileSync(path('real'), 'old')
    symlinkSync('real', path('link'))
    await writeOutput(path('link'), 'new')
    expect(readFileSync(path('real'), 'utf8')).toBe('new')
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'real'])
  })

  test('may be refused to replace another', async () => {
    await writeOutput(path('x'), 'one', { fresh: true })
    await expect(writeOutput(path('x'), 'two', { fresh: true })).rejects.toThrow('it exists already')
    expect(readFileSync(path('x'), 'utf8')).toBe('one')
    expect(readdirSync(folder)).toEqual(['x'])
  })

  test('has one reason in the sentence of its failure', async () => {
    mkdirSync(path('folder'))
    writeFileSync(path('file'), '')
    const failed = (file: string) => writeOutput(file, 'x').catch((error: Error) => error.message)
    expect(await failed(path('folder'))).toBe(`cannot write ${path('folder')}: it is a folder; choose another place`)
    expect(await failed(path('file/below'))).toBe(
      `cannot write ${path('file/below')}: a part of its path is not a folder; choose another place`,
    )
    expect(await failed(path('n'.repeat(300)))).toMatch(/: its name is too long; choose another place$/)
    // As long as a name may be: the hidden file's own name must not be longer.
    await writeOutput(path('n'.repeat(255)), 'x')
  })

  test.skipIf(process.platform !== 'linux')('may be a device, which is not replaced', async () => {
    await writeOutput('/dev/null', 'x')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    await expect(writeOutput('/dev/full', 'x')).rejects.toThrow('cannot write /dev/full: the disk is full')
  })
})

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  test('that no program reads from is refused instead of waited for', async () => {
    execFileSync('mkfifo', [path('pipe')])
    await expect(writeOutput(path('pipe'), 'x')).rejects.toThrow(
      `cannot write ${path('pipe')}: no program reads from it; choose another place`,
    )
  })

  test('receives all that is written, more than it holds at a time', async () => {
    execFileSync('mkfifo', [path('pipe')])
    const content = 'x'.repeat(1e6)
    const reader = spawn('cat', [path('pipe')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const read = text(reader.stdout)
    // Until the reader has opened the pipe it is refused.
    await expect.poll(() => writeOutput(path('pipe'), content).then(() => 'written', String)).toBe('written')
    expect(await read).toBe(content)
    expect(statSync(path('pipe')).isFIFO()).toBe(true)
  })
})

describe('outputs', () => {
  test('that are inputs are refused, whatever leads to them', async () => {
    mkdirSync(path('sub'))
    writeFileSync(path('net.onnx'), 'model')
    symlinkSync('net.onnx', path('soft'))
    linkSync(path('net.onnx'), path('hard'))
    symlinkSync('sub', path('way'))
    for (const name of ['net.onnx', 'soft', 'hard', 'sub/../net.onnx'])
      await expect(requireSeparate([path('new.png'), `${folder}/${name}`], [path('net.onnx')])).rejects.toThrow(
        `cannot write ${folder}/${name}: it is`,
      )
    await requireSeparate([path('new.png'), undefined], [path('net.onnx'), undefined, path('gone')])
    await expect(requireSeparate([path('sub/x'), path('way/x')], [])).rejects.toThrow('is the same file; give each')
  })

  test('that are photographs of a folder are refused, new ones are not', async () => {
    mkdirSync(path('photographs/cat'), { recursive: true })
    writeFileSync(path('photographs/cat/1.jpg'), 'x')
    symlinkSync('photographs', path('link'))
    for (const given of ['photographs', 'link'])
      await expect(requireSeparate([path('photographs/cat/1.jpg')], [], [path(given)])).rejects.toThrow(
        'among the photographs',
      )
    await requireSeparate([path('photographs/cat/2.png')], [], [path('photographs'), path('gone')])
    writeFileSync(path('photographs2.png'), 'x')
    await requireSeparate([path('photographs2.png')], [], [path('photographs')])
  })
})

const launcher = join(import.meta.dirname, '../../electron/engine/cli/portolan.mjs')

test.skipIf(process.platform !== 'linux')('a full device as standard output is reported in a sentence', () => {
  const { status, stderr } = spawnSync('bash', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, launcher], {
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toBe(
    'portolan: cannot write the result to standard output: the device is full; redirect it to another file\n',
  )
  expect(existsSync('/dev/full')).toBe(true)
})
