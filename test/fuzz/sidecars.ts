import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../fixtures/random.ts'
import { diceOf } from './dice.ts'
import { judged } from './models.ts'
import { predictionsIn } from './predictions.ts'
import { computed, type Preparation, prepared } from './referee.ts'
import { Counting, type Tally } from './report.ts'
import { Runner } from './runner.ts'
import { inputOf, type Json, sidecarDamage } from './sidecar-damage.ts'
import { EDGE, type Victim, writeModel } from './victim.ts'

const kinds = Object.keys(sidecarDamage)

/**
 * Damaged descriptions of a sound model: each has to be refused in a sentence, or the prediction has to be what the referee
 * computes for the preparation and the logits that the description names, under its labels.
 * @param only case that is tried alone
 */
export async function fuzzSidecars(victim: Victim, seed: number, count: number, only?: number): Promise<Tally> {
  const folder = join(victim.folder, `sidecars-${seed}`)
  writePlaces(folder, victim)
  const next = random(seed)
  const runner = new Runner({ time: 60_000 })
  const tally = new Counting()
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length]!
    const dice = diceOf(random(Math.floor(next() * 2 ** 31)))
    const sidecar = structuredClone(victim.sidecar) as Json
    const written = sidecarDamage[kind]!(sidecar, dice, folder) ?? JSON.stringify(sidecar)
    if (only !== undefined && only !== i) continue
    const file = writeModel(folder, `case-${i}`, victim.model, written)
    if (kind === 'an odd file') makeOdd(file.replace(/onnx$/, 'model.json'), String(written), victim.sidecar)
    const fail = (what: string): void => tally.fail(`case ${i} of seed ${seed} (${kind}, ${shown(written)}): ${what}`)
    const ending = await runner.run('classify', file, victim.photo, '--json', '--top', '1000', '--threads', '1')
    const meant = kind === 'an odd file' ? victim.sidecar : meaningOf(written)
    const verdict = judged(ending, () => rightOf(victim, meant), probabilitiesOf(meant))
    const names = verdict.ending === 'correct result' ? wrongNames(ending, meant) : undefined
    if (verdict.wrong !== undefined) fail(verdict.wrong)
    else if (names !== undefined) fail(names)
    else tally.add(verdict.ending)
    for (const suffix of ['.onnx', '.model.json'])
      rmSync(join(folder, `case-${i}${suffix}`), { force: true, recursive: true })
  }
  runner.stop()
  return tally
}

const shown = (written: string | Uint8Array): string =>
  JSON.stringify(Buffer.from(written).toString('latin1').slice(0, 400))

/** What a description contains, read with nothing of Portolan's own. */
function meaningOf(written: string | Uint8Array): Json {
  const bytes = Buffer.from(written)
  try {
    const text = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-8').decode(bytes)
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? (json as Json) : {}
  } catch {
    return {}
  }
}

const probabilitiesOf = ({ probabilities }: Json) => (probabilities === 'sigmoid' ? 'sigmoid' : 'softmax')

function rightOf({ model, pixels }: Victim, sidecar: Json): readonly number[] {
  const { size, ...preparation } = inputOf(sidecar)
  if (size !== EDGE && !(Array.isArray(size) && size.every(edge => edge === EDGE))) throw new Error('another size')
  return computed(model, prepared(pixels, EDGE, preparation as unknown as Preparation), String(sidecar.logits))
}

/** Whether the classes are called otherwise than in a list of the description. */
function wrongNames(ending: Parameters<typeof predictionsIn>[0], { labels }: Json): string | undefined {
  const top = predictionsIn(ending)
  if (typeof top === 'string' || !Array.isArray(labels)) return undefined
  const odd = top.find(({ index, name, synset }) => {
    const text = String(labels[index]).normalize('NFC')
    return name === '' || !text.replaceAll(/\s+/g, ' ').includes(synset || name)
  })
  return odd && `class ${odd.index} is called ${JSON.stringify(odd.name)} for ${JSON.stringify(labels[odd.index])}`
}

/** Puts something else in the place of a description. */
function makeOdd(file: string, kind: string, sidecar: unknown): void {
  rmSync(file)
  if (kind === 'pipe') execFileSync('mkfifo', [file])
  if (kind === 'folder') mkdirSync(file)
  if (kind === 'link to nothing') symlinkSync('nothing.json', file)
  if (kind === 'zero') symlinkSync('/dev/zero', file)
  if (kind === 'link') {
    writeFileSync(`${file}.real`, JSON.stringify(sidecar))
    symlinkSync(`${file}.real`, file)
  }
}

function writePlaces(folder: string, { sidecar }: Victim): void {
  mkdirSync(join(folder, 'folder'), { recursive: true })
  symlinkSync('/etc/passwd', join(folder, 'link.txt'))
  symlinkSync('/dev/zero', join(folder, 'zero'))
  writeFileSync(join(folder, 'big.txt'), '')
  truncateSync(join(folder, 'big.txt'), 3 * 2 ** 30)
  execFileSync('mkfifo', [join(folder, 'pipe')])
  writeFileSync(join(folder, 'labels.txt'), (sidecar.labels as string[]).join('\n'))
}
