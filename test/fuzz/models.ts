import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../fixtures/random.ts'
import { byteDamage } from './byte-damage.ts'
import { diceOf } from './dice.ts'
import { damagedGraph, graphDamage } from './model-damage.ts'
import { difference, hostileComplaint, inconsistency, predictionsIn } from './predictions.ts'
import { computed, type Preparation, prepared } from './referee.ts'
import { Counting, type Tally } from './report.ts'
import { type Ending, Runner } from './runner.ts'
import { EDGE, type Victim, writeModel } from './victim.ts'

const kinds = [...Object.keys(byteDamage), ...Object.keys(graphDamage)]

/**
 * Damaged and crafted models: each has to be refused in a sentence, or to predict what the referee computes of the damaged
 * file. Every fourth is also taken through another command.
 * @param only case that is tried alone
 */
export async function fuzzModels(victim: Victim, seed: number, count: number, only?: number): Promise<Tally> {
  const folder = join(victim.folder, `models-${seed}`)
  writePlaces(folder, victim)
  const next = random(seed)
  const image = prepared(victim.pixels, EDGE, victim.sidecar.input as Preparation)
  const runner = new Runner({ time: 60_000 })
  const tally = new Counting()
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length]!
    const dice = diceOf(random(Math.floor(next() * 2 ** 31)))
    const model = byteDamage[kind]?.(Buffer.from(victim.model), dice) ?? damagedGraph(victim.model, kind, dice)
    if (only !== undefined && only !== i) continue
    const file = writeModel(folder, `case-${i}`, model, victim.sidecar)
    const fail = (what: string): void => tally.fail(`case ${i} of seed ${seed} (${kind}): ${what}`)
    const ending = await runner.run('classify', file, victim.photo, '--json', '--top', '100', '--threads', '1')
    const verdict = judged(ending, () => computed(model, image, 'logits'))
    if (verdict.wrong === undefined) tally.add(verdict.ending)
    else fail(verdict.wrong)
    if (i % 4 === 3) {
      const command = dice.pick(furtherCommands(file, join(folder, 'photographs')))
      // It writes one, where there is none.
      if (command[1] === 'init') rmSync(file.replace(/\.onnx$/, '.model.json'))
      const further = await runner.run(...command)
      const complaint = hostileComplaint(further)
      if (complaint === undefined) tally.add(`then ${command[0]}: ${further.status}`)
      else fail(`then ${command[0]}: ${complaint}`)
    }
    for (const suffix of ['.onnx', '.model.json', '.onnx.portolan'])
      rmSync(join(folder, `case-${i}${suffix}`), { force: true })
  }
  runner.stop()
  return tally
}

interface Fidelity {
  readonly ending: string
  readonly wrong?: string
}

/** @param logits the referee's, or an Error where the referee cannot compute them */
export function judged(
  ending: Ending,
  logits: () => readonly number[],
  probabilities: 'softmax' | 'sigmoid' = 'softmax',
): Fidelity {
  const complaint = hostileComplaint(ending)
  if (complaint !== undefined) return { ending: '', wrong: complaint }
  if (ending.status !== 0) return { ending: 'refused in a sentence' }
  const top = predictionsIn(ending)
  if (typeof top === 'string') return { ending: '', wrong: top }
  const odd = inconsistency(top, probabilities)
  if (odd !== undefined) return { ending: '', wrong: odd }
  let right: readonly number[]
  try {
    right = logits()
  } catch (error) {
    return { ending: `result that the referee cannot check (${(error as Error).message.slice(0, 40)})` }
  }
  const wrong = difference(top, right)
  return wrong === undefined ? { ending: 'correct result' } : { ending: '', wrong: `wrong result: ${wrong}` }
}

/** Commands that a quarter of the models is also taken through; all of them succeed on a sound model. */
export const furtherCommands = (file: string, photographs: string): readonly string[][] => [
  ['model', 'info', file, '--json', '--threads', '1'],
  ['model', 'init', file, '--json'],
  ['evaluate', file, '--images', photographs, '--json', '--threads', '1'],
  [
    ...['atlas', 'build', `${file}.portolan`, '--model', file, '--images', photographs, '--layers', 'mixed3b'],
    ...['--samples', '4', '--grid', '2', '--preset', 'draft', '--steps', '2', '--min-samples', '1', '--threads', '1'],
  ],
]

/** What external data may point to, and photographs of some classes. */
export function writePlaces(folder: string, { model, photo }: Victim): void {
  mkdirSync(join(folder, 'folder'), { recursive: true })
  writeFileSync(join(folder, 'weights.bin'), model.subarray(0, 40_000))
  symlinkSync('/etc/passwd', join(folder, 'link.bin'))
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const label of ['thing 1', 'thing 2']) {
    mkdirSync(join(folder, 'photographs', label), { recursive: true })
    for (const name of ['a.png', 'b.png']) symlinkSync(photo, join(folder, 'photographs', label, name))
  }
}
