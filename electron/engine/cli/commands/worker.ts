import { hostname } from 'node:os'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { UNITS } from '../../pipelines/units.ts'
import { serveQueue } from '../../queue/worker.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { wholeNumber } from '../options.ts'
import { duration, grouped, table } from '../text.ts'
import { queueOption } from '../workers.ts'

const Given = z.object({
  queue: z.string().optional(),
  name: z.string().min(1).max(100).optional(),
  lease: wholeNumber(2, 3600),
  ...onRuntime,
})

/** `portolan worker --queue URL` */
export const defineWorker: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Joins a queue, and performs what builds with --queue put there: photographs are sampled and icons made on this ' +
        'machine. Start one for each device. It leaves on Ctrl C; what it has begun then goes to another worker.',
    )
    .addOption(queueOption('the Redis or Valkey server of the queue'))
    .option('--name <name>', 'what it is called in the list of workers (default: the name of this machine)')
    .option(
      '--lease <seconds>',
      'seconds without a sign of life after which another worker does what this one has begun',
      '20',
    )
    .action(
      run(Given, async ({ queue, name, lease, ...on }, session) => {
        if (queue === undefined)
          throw new UserError('--queue is missing: it names the server, as does the variable PORTOLAN_QUEUE', {
            exitCode: 2,
          })
        const { runtime } = on
        const called = name ?? hostname()
        const start = performance.now()
        const served = await withInference(on, inference =>
          serveQueue(queue, {
            name: called,
            runtime: runtime ? `${runtime.choice}${runtime.device === undefined ? '' : `:${runtime.device}`}` : 'auto',
            runtimeFor: classifier => inference.runtimeFor(classifier, session),
            kinds: UNITS,
            lease,
            note: session.note,
            signal: session.signal,
            joined: shown => session.note(`${called} has joined the queue at ${shown}`),
          }),
        )
        const seconds = (performance.now() - start) / 1000
        return {
          json: { name: called, seconds, ...served },
          text: () =>
            table(
              [
                ['worker', called],
                ['time', duration(1000 * seconds)],
                ['units', grouped(served.units)],
                ['icons', grouped(served.icons)],
                ['samples', grouped(served.samples)],
                ['failures', grouped(served.failures)],
              ],
              [1],
            ),
        }
      }),
    )
