import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { Inference } from '../inference/inference.ts'
import type { JobContext } from '../jobs/context.ts'
import { withJobLog } from '../jobs/runtime-log.ts'
import type { Classifier } from '../model/classifier.ts'
import { loadClassifier } from '../model/load.ts'
import { UNITS } from '../pipelines/units.ts'
import { QUEUE_VARIABLE } from '../queue/chosen.ts'
import { openQueue } from '../queue/open.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { DeviceWorkers } from '../units/devices.ts'
import type { Workers } from '../units/workers.ts'
import type { Session } from './command.ts'
import { type ChosenRuntime, onRuntimes, withThreads } from './inference.ts'

export const queueOption = (description: string): Option =>
  new Option(
    '--queue <url>',
    `${description}, such as redis://localhost:6379, or rediss://user:password@host with TLS`,
  ).env(QUEUE_VARIABLE)

/** The options of commands that use several devices, or the workers of a queue. */
export const withDevices = (command: Command): Command =>
  withThreads(command)
    .addOption(
      queueOption(
        'have photographs sampled and icons made by the workers (portolan worker) of a queue, a Redis or Valkey server',
      ),
    )
    .addHelpText('after', '\n--runtime takes several devices of this machine: --runtime cuda:0,cuda:1')

export const onDevices = { ...onRuntimes, queue: z.string().optional() }

interface OnDevices {
  readonly threads?: number | undefined
  readonly runtime?: readonly ChosenRuntime[] | undefined
  readonly queue?: string | undefined
}

/** Opens the workers for a job; undefined where this process does the work alone. */
export type OpenWorkers = (job: Pick<JobContext, 'log'>) => Promise<Workers | undefined>

/** Opens the workers of a queue for a job; undefined without one. */
export const queueOpener =
  (queue: string | undefined, session: Pick<Session, 'note'>): OpenWorkers =>
  async job =>
    queue === undefined
      ? undefined
      : openQueue(queue, text => {
          job.log('warning', text)
          session.note(text)
        })

/** Opens a model, the runtime of what is computed here, and what opens its workers, for as long as they are used. */
export async function withClassifierOnDevices<T>(
  file: string,
  { threads, runtime: chosen = [], queue }: OnDevices,
  session: Session,
  use: (classifier: Classifier, runtime: Runtime, open: OpenWorkers) => Promise<T>,
): Promise<T> {
  if (queue !== undefined && chosen.length > 1)
    throw new UserError('--queue and several devices exclude each other; start a worker on each device', {
      exitCode: 2,
    })
  const classifier = await loadClassifier(file)
  // Devices that are the processor share its cores.
  const share =
    threads ?? (chosen.length > 1 ? Math.max(1, Math.floor(availableParallelism() / chosen.length)) : undefined)
  const inferences = (chosen.length > 0 ? chosen : [undefined]).map(
    one => new Inference({ threads: share, choice: one?.choice, device: one?.device }),
  )
  try {
    const runtimes: Runtime[] = []
    // One after the other: they may be measured.
    for (const inference of inferences) runtimes.push(await inference.runtimeFor(classifier, session))
    const open: OpenWorkers = async job => {
      if (queue !== undefined) return queueOpener(queue, session)(job)
      return runtimes.length > 1
        ? new DeviceWorkers(
            runtimes.map(runtime => withJobLog(runtime, job)),
            UNITS,
          )
        : undefined
    }
    return await use(classifier, runtimes[0]!, open)
  } finally {
    await Promise.all(inferences.map(inference => inference.close()))
  }
}

/** Runs a body with workers, which are closed after it. */
export async function withWorkers<T>(
  open: OpenWorkers,
  job: Pick<JobContext, 'log'>,
  body: (workers: Workers | undefined) => Promise<T>,
): Promise<T> {
  const workers = await open(job)
  try {
    return await body(workers)
  } finally {
    await workers?.close()
  }
}
