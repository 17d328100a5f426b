import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../fixtures/random.ts'
import { Counting, type Tally } from './report.ts'
import { complaint, Runner } from './runner.ts'

const HASH = 32
const LENGTH = 4

type Tree = null | string | number | boolean | Tree[] | { [name: string]: Tree }

/** Takes the contents out of a samples file, lets them be changed, and signs the file again. */
export const resigned = (file: Buffer, change: (contents: Tree) => Tree): Buffer => {
  const end = file.length - HASH
  const length = file.readUInt32LE(end - LENGTH)
  const start = end - LENGTH - length
  const json = Buffer.from(JSON.stringify(change(JSON.parse(file.toString('utf8', start, end - LENGTH)))))
  const size = Buffer.alloc(LENGTH)
  size.writeUInt32LE(json.length)
  const body = Buffer.concat([file.subarray(0, start), json, size])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
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

/**
 * Samples files that are damaged, or well signed and wrong. Each is imported into a new project: it ends in a result or
 * in a sentence, and the project, where there is one, is whole.
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
    const bytes = isSigned ? resigned(whole, contents => changed(contents, next)) : Buffer.from(whole)
    if (!isSigned) bytes[Math.floor(next() * bytes.length)]! ^= 1 << Math.floor(8 * next())
    writeFileSync(file, bytes)
    const ending = await runner.run('samples', 'import', project, file, '--model', model)
    let fault = complaint(ending)
    if (!isSigned && ending.status === 0) fault = 'imported, though its contents do not match its hash'
    if (fault === undefined && existsSync(project)) {
      const check = await runner.run('project', 'check', project)
      fault = complaint(check) ?? (check.status === 0 ? undefined : `the project is not whole: ${check.out}`)
    }
    if (fault === undefined) tally.add(ending.status === 0 ? 'imported' : 'refused')
    else tally.fail(`case ${i} of seed ${seed}: ${fault}`)
    for (const path of [file, project, `${project}-wal`, `${project}-shm`]) rmSync(path, { force: true })
  }
  runner.stop()
  return tally
}
