import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../fixtures/random.ts'
import { type Dice, diceOf } from './dice.ts'
import { dump } from './dump.ts'
import { Counting, type Tally } from './report.ts'
import { complaint, Runner } from './runner.ts'

const page = 16_384

/** Kinds of damage that disks, transfers and careless programs do. */
const damages: Readonly<Record<string, (bytes: Buffer, dice: Dice) => Buffer>> = {
  'one bit': (bytes, { next }) => {
    const at = Math.floor(next() * bytes.length)
    bytes[at] = bytes[at]! ^ (1 << Math.floor(8 * next()))
    return bytes
  },
  '16 random bytes': (bytes, { next }) => {
    const at = Math.floor(next() * (bytes.length - 16))
    for (let i = 0; i < 16; i++) bytes[at + i] = Math.floor(256 * next())
    return bytes
  },
  'a random page': (bytes, { next }) => {
    const at = page * Math.floor((next() * bytes.length) / page)
    for (let i = at; i < Math.min(bytes.length, at + page); i++) bytes[i] = Math.floor(256 * next())
    return bytes
  },
  '512 zeros': (bytes, { next }) => {
    const at = 512 * Math.floor((next() * bytes.length) / 512)
    return bytes.fill(0, at, at + 512)
  },
  'a cut': (bytes, { next }) => bytes.subarray(0, Math.floor(next() * bytes.length)),
}

/**
 * Damages copies of a project: none may be reported as intact whose contents differ, and none may end in a stack.
 * @param only case that is tried alone
 */
export async function fuzzProjectBytes(
  project: string,
  folder: string,
  seed: number,
  count: number,
  only?: number,
): Promise<Tally> {
  const whole = readFileSync(project)
  const original = dump(project)
  if (original instanceof Error) throw original
  const next = random(seed)
  const runner = new Runner()
  const tally = new Counting()
  const names = Object.keys(damages)
  for (let i = 0; i < count; i++) {
    const kind = names[i % names.length]!
    const dice = diceOf(random(Math.floor(next() * 2 ** 31)))
    if (only !== undefined && only !== i) continue
    const file = join(folder, `damaged-${i}.portolan`)
    writeFileSync(file, damages[kind]!(Buffer.from(whole), dice))
    const ending = await runner.run('project', 'check', file)
    const now = dump(file)
    const same = now instanceof Map && [...original].every(([table, text]) => now.get(table) === text)
    const fault =
      complaint(ending) ??
      (same || ending.status !== 0 ? undefined : `reported as intact, and differs in ${difference(original, now)}`)
    if (fault !== undefined) tally.fail(`case ${i} of seed ${seed} (${kind}): ${fault}`)
    else tally.add(`${same ? 'the same' : 'changed'}, ${ending.status === 0 ? 'reported as intact' : 'fault reported'}`)
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
  }
  runner.stop()
  return tally
}

const difference = (before: ReadonlyMap<string, string>, now: ReturnType<typeof dump>): string =>
  now instanceof Error
    ? now.message
    : [...before].flatMap(([table, text]) => (now.get(table) === text ? [] : [table])).join(', ')
