import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { random } from '../fixtures/random.ts'
import { Counting, type Tally } from './report.ts'
import { complaint, Runner } from './runner.ts'

const MAGIC = 16
const HASH = 32
const LENGTH = 4

type Tree = null | string | number | boolean | Tree[] | { [name: string]: Tree }

/** Takes the contents out of a samples file, lets them be changed, and signs the file again. */
export const resigned = (file: Buffer, change: (contents: Tree) => Tree): Buffer => {
  const { start, json } = contentsOf(file)
  return signed(file.subarray(0, start), change(JSON.parse(json)))
}

/** A section of a samples file, unpacked. */
export interface OpenSection {
  readonly part: string
  count: number
  bytes: Buffer
}

/** Unpacks the sections of a samples file, lets them and the contents be changed, and signs the file again. */
export const repacked = (
  file: Buffer,
  change: (sections: readonly OpenSection[], contents: { [name: string]: Tree }) => void,
): Buffer => {
  const contents = JSON.parse(contentsOf(file).json)
  const sections = contents.sections.map((section: { offset: number; length: number }) => ({
    ...section,
    bytes: zstdDecompressSync(file.subarray(section.offset, section.offset + section.length)),
  }))
  change(sections, contents)
  const pieces = [file.subarray(0, MAGIC)]
  let offset = MAGIC
  contents.sections = sections.map(({ bytes, ...section }: OpenSection) => {
    const packed = zstdCompressSync(bytes)
    pieces.push(packed)
    offset += packed.length
    return { ...section, offset: offset - packed.length, length: packed.length }
  })
  return signed(Buffer.concat(pieces), contents)
}

const contentsOf = (file: Buffer): { readonly start: number; readonly json: string } => {
  const end = file.length - HASH
  const start = end - LENGTH - file.readUInt32LE(end - LENGTH)
  return { start, json: file.toString('utf8', start, end - LENGTH) }
}

const signed = (sections: Uint8Array, contents: Tree): Buffer => {
  const json = Buffer.from(JSON.stringify(contents))
  const size = Buffer.alloc(LENGTH)
  size.writeUInt32LE(json.length)
  const body = Buffer.concat([sections, json, size])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

/** Replaces a few bytes of one section. */
const changedBytes = (sections: readonly OpenSection[], next: () => number): void => {
  const { bytes } = sections[Math.floor(next() * sections.length)]!
  for (let times = 0; times < 4; times++)
    bytes[Math.floor(next() * bytes.length)] = next() < 0.5 ? Math.floor(256 * next()) : next() < 0.5 ? 0 : 255
}

const strange: readonly Tree[] = [
  null,
  '',
  'x'.repeat(100_000),
  -1,
  0,
  0.5,
  1e300,
  2 ** 31,
  [],
  {},
  [null],
  true,
  'mixed3b',
]

/** Replaces, repeats or removes one value somewhere in a tree. */
const changed = (tree: Tree, next: () => number): Tree => {
  const copy = structuredClone(tree)
  let at: Tree = copy
  for (;;) {
    if (at === null || typeof at !== 'object') return copy
    const keys = Object.keys(at)
    if (keys.length === 0) return copy
    const key = keys[Math.floor(next() * keys.length)]!
    const holder = at as Record<string, Tree>
    const value: Tree = holder[key]!
    if (value !== null && typeof value === 'object' && next() < 0.75) {
      at = value
      continue
    }
    const kind = next()
    if (kind < 0.15) delete holder[key]
    else if (kind < 0.3 && Array.isArray(at)) at.push(structuredClone(value))
    else if (kind < 0.45 && typeof value === 'number') holder[key] = value + (next() < 0.5 ? 1 : -1)
    else holder[key] = strange[Math.floor(next() * strange.length)]!
    return copy
  }
}

/** @param kind 0: one bit, without a new signature; 1: bytes of a section; others: the contents */
const damaged = (whole: Buffer, kind: number, next: () => number): Buffer => {
  if (kind === 1) return repacked(whole, sections => changedBytes(sections, next))
  if (kind > 1) return resigned(whole, contents => changed(contents, next))
  const bytes = Buffer.from(whole)
  bytes[Math.floor(next() * bytes.length)]! ^= 1 << Math.floor(8 * next())
  return bytes
}

/**
 * Samples files that are damaged, or well signed and wrong. Each is imported into a new project: it ends in a result or
 * in a sentence, and the project, where there is one, is intact.
 * @param model the network that the samples are of
 * @param only case that is tried alone
 */
export async function fuzzSamplesFiles(
  { samples, model }: { readonly samples: string; readonly model: string },
  folder: string,
  seed: number,
  count: number,
  only?: number,
): Promise<Tally> {
  const whole = readFileSync(samples)
  const seeds = random(seed)
  const runner = new Runner()
  const tally = new Counting()
  for (let i = 0; i < count; i++) {
    const next = random(Math.floor(seeds() * 2 ** 31))
    if (only !== undefined && only !== i) continue
    const file = join(folder, `fuzzed-${i}.samples`)
    const project = join(folder, `fuzzed-${i}.portolan`)
    const isSigned = i % 4 !== 0
    writeFileSync(file, damaged(whole, i % 4, next))
    const ending = await runner.run('samples', 'import', project, file, '--model', model)
    let fault = complaint(ending)
    if (!isSigned && ending.status === 0) fault = 'imported, though its contents do not match its hash'
    if (fault === undefined && existsSync(project)) {
      const check = await runner.run('project', 'check', project)
      fault = complaint(check) ?? (check.status === 0 ? undefined : `the project is damaged: ${check.out}`)
    }
    if (fault === undefined) tally.add(ending.status === 0 ? 'imported' : 'refused')
    else tally.fail(`case ${i} of seed ${seed}: ${fault}`)
    for (const path of [file, project, `${project}-wal`, `${project}-shm`]) rmSync(path, { force: true })
  }
  runner.stop()
  return tally
}
