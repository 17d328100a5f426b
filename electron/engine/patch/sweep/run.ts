import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { logOdds } from '../../../contract/outcome.ts'
import { type Sweep, SweepPlan } from '../../../contract/sweep.ts'
import type { JobContext } from '../../jobs/context.ts'
import { readPhotograph, requirePresent } from '../../photographs/read.ts'
import { classifierNamed, requireClassifier } from '../../registry/open.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { stored } from '../../store/json.ts'
import { contentKey } from '../../store/keys.ts'
import type { Readable, Writable } from '../../store/sql.ts'
import { appendSweepRow, findSweep, putSweep, type SweepRecord, sweepRows } from '../../store/sweeps.ts'
import { frameClassifier } from '../classify.ts'
import { backgroundOf } from '../compose.ts'
import { classifierOf } from '../experiment/run.ts'
import { pictureOfPatch, requirePatch } from '../gallery.ts'
import { bestAbove, crossingsOf, type SweepReading, sweepReadings } from './positions.ts'

export const PATCH_SWEEP = 'patch sweep'
export const SweepJob = z.object({ sweep: z.int().positive() })

/** Enters a sweep, or finds the same one. @throws UserError when the patch or the photograph is not there */
export function enterSweep(db: Writable, plan: SweepPlan): SweepRecord {
  requirePatch(db, plan.patch)
  requirePresent(db, plan.image)
  const classifier = classifierNamed(db, plan.model)
  const { record } = requireClassifier(db, classifier)
  return putSweep(db, {
    key: contentKey({ sweep: 3, plan, classifier: record.key }),
    plan,
    classifier,
    now: Date.now(),
  })
}

/** Runs a sweep, or goes on with it, committing size by size: the body of a job. */
export async function runSweep(db: Writable, id: number, runtime: Runtime, job: JobContext): Promise<void> {
  const record = requireSweep(db, id)
  const plan = stored(SweepPlan, record.plan, `the plan of sweep ${id}`)
  const { sizes, positions } = plan
  const known = sweepRows(db, id)
  const skip = Math.max(0, known.length - 1)
  const cells = positions * positions
  await job.stage({
    name: 'sweep',
    existing: () => (known.length === sizes.length + 1 ? true : undefined),
    compute: async ({ signal, report, continues }) => {
      if (skip > 0) continues()
      const classifier = await classifierOf(db, record)
      const background = await backgroundOf(classifier, await readPhotograph(db, plan.image))
      const picture = await pictureOfPatch(db, plan.patch)
      const net = await frameClassifier(classifier, runtime)
      let row: SweepReading[] = []
      let done = skip * cells
      try {
        const order = { ...plan, background, picture }
        for await (const readings of sweepReadings(net, order, signal, skip))
          for (const { size, position, ...reading } of readings) {
            // The photograph alone is classified before the first size only.
            if (size < 0) {
              if (known.length === 0) appendSweepRow(db, id, { size, data: encoded([{ size, position, ...reading }]) })
              continue
            }
            row.push({ size, position, ...reading })
            done++
            report({ stage: 'sweep', done, total: sizes.length * cells, unit: 'compositions' })
            if (position < cells - 1) continue
            appendSweepRow(db, id, { size, data: encoded(row) })
            row = []
          }
      } finally {
        await net.release()
      }
      return true
    },
  })
}

/** What there is of a sweep. @throws UserError when there is no such sweep */
export function sweepOf(db: Readable, id: number): Sweep {
  const record = requireSweep(db, id)
  const plan = stored(SweepPlan, record.plan, `the plan of sweep ${record.id}`)
  const cells = plan.positions * plan.positions
  const total = plan.sizes.length * cells
  const unknown = () => new Float32Array(total).fill(Number.NaN)
  const found = {
    sourceProbability: unknown(),
    targetProbability: unknown(),
    winnerProbability: unknown(),
    targetLogOdds: unknown(),
    controlLogOdds: unknown(),
    winner: new Int16Array(total).fill(-1),
  }
  let before: Sweep['before'] = null
  let done = 0
  for (const { size, data } of sweepRows(db, id))
    for (const [k, reading] of decoded(data, size < 0 ? 1 : cells).entries()) {
      const { winner, sourceProbability: source, targetProbability: target } = reading
      const targetLogOdds = logOdds(target)
      if (size < 0) {
        before = { winner, source, target, targetLogOdds }
        continue
      }
      const at = size * cells + k
      found.sourceProbability[at] = source
      found.targetProbability[at] = target
      found.winnerProbability[at] = reading.winnerProbability
      found.targetLogOdds[at] = targetLogOdds
      found.controlLogOdds[at] = logOdds(reading.controlProbability)
      found.winner[at] = winner
      done++
    }
  const crossings = before ? crossingsOf(found.winner, plan.sizes, plan.positions, before.winner) : []
  const best = bestAbove(found.targetLogOdds.map((odds, k) => odds - found.controlLogOdds[k]!)) ?? null
  return { id, plan, created: record.created, done, total, ...found, best, before, crossings: [...crossings] }
}

function requireSweep(db: Readable, id: number): SweepRecord {
  const record = findSweep(db, id)
  if (!record) throw new UserError(`there is no sweep ${id} in ${db.file}: it was removed`)
  return record
}

const FIELDS = [
  'winner',
  'winnerProbability',
  'sourceProbability',
  'targetProbability',
  'sourceLogit',
  'targetLogit',
  'controlProbability',
] as const

const encoded = (readings: readonly SweepReading[]): Float64Array =>
  Float64Array.from(readings.flatMap(reading => FIELDS.map(field => reading[field])))

/** Rows of earlier versions end with the target's logit: without controls. @param readings of the row */
const decoded = (data: Float64Array, readings: number): Omit<SweepReading, 'size' | 'position'>[] => {
  const width = data.length / readings
  return Array.from({ length: readings }, (_, k) => {
    const [winner, winnerProbability, sourceProbability, targetProbability, sourceLogit, targetLogit, control] =
      data.subarray(k * width, (k + 1) * width)
    return {
      winner: winner!,
      winnerProbability: winnerProbability!,
      sourceProbability: sourceProbability!,
      targetProbability: targetProbability!,
      sourceLogit: sourceLogit!,
      targetLogit: targetLogit!,
      controlProbability: control ?? Number.NaN,
    }
  })
}
