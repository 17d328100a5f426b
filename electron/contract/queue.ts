import { z } from 'zod'
import { call } from './call.ts'
import { ShownText } from './values.ts'

const text = z.string().max(300).pipe(ShownText)
const count = z.int().min(0)

/** A worker of a queue, as it describes itself. */
export const QueueWorker = z
  .object({
    id: z.uuid(),
    name: text,
    /** Version of Portolan: units are performed by workers of the same one. */
    version: text,
    /** Of its runtime: `cpu`, `cuda:1`; what was asked for, until it has had a model. */
    runtime: text,
    device: text,
    /** Since it has joined: units, and the icons and samples in them. */
    units: count,
    icons: count,
    samples: count,
    /** Units that it could not perform, and that it refused. */
    failures: count,
    /** Units in the last minute. */
    perMinute: z.number().min(0),
    busy: z.boolean(),
  })
  .readonly()
export type QueueWorker = z.infer<typeof QueueWorker>

/** The queue that jobs are divided among, as Jobs shows it. */
export const QueueState = z
  .object({
    /** Without its password; null: jobs are done by this machine alone. */
    address: ShownText.nullable(),
    /** Why it cannot be used: one sentence. */
    problem: ShownText.nullable(),
    /** Units that wait, and that are performed. */
    waiting: count,
    active: count,
    workers: z.array(QueueWorker).readonly(),
  })
  .readonly()
export type QueueState = z.infer<typeof QueueState>

/** Which queue it is, is chosen by the shell call `queue.choose`: main asks the user first. */
export const queueCalls = { 'queue.state': call(z.object({}).readonly(), QueueState) } as const
