import { checked } from '../contract/call.ts'
import { type CallName, calls, isCallName } from '../contract/calls.ts'
import { reason, UserError } from '../contract/errors.ts'
import type { Picture, PictureData } from '../contract/pictures.ts'
import { type FromEngine, ToEngine } from '../contract/wire.ts'
import type { Inference } from './inference/inference.ts'
import { collectWhenIdle } from './lifetime/idle-memory.ts'
import { watchParent } from './lifetime/watchdog.ts'
import { pictureOf } from './query/pictures.ts'
import type { CallContext, CallInput, Notify } from './rpc/handlers.ts'
import { OpenProjects } from './rpc/open-projects.ts'
import { handlers } from './rpc/table.ts'
import { sentenceOf } from './runtime/pool.ts'

/** The server side of the contract: receives messages of main, and sends results and events. */
export interface Server {
  /** Handles one message of the channel. @throws ZodError for an invalid one: a bug of main */
  readonly receive: (message: unknown) => Promise<void>
  /** Interrupts jobs, and closes all projects. */
  readonly close: () => Promise<void>
}

/**
 * @param send      sends a message to main
 * @param inference shared by all projects; a runtime is started when it is first needed
 * @param onStop    main stops the process
 */
export const createServer = (send: (message: FromEngine) => void, inference: Inference, onStop: () => void): Server => {
  const notify: Notify = (clients, name, given) => {
    if (clients === null || clients.length > 0)
      send({ kind: 'event', clients: clients === null ? null : [...clients], name, given })
  }
  const projects = new OpenProjects(notify, inference)
  inference.pool.listen(disabled => {
    notify(null, 'notice', { level: 'warning', text: sentenceOf(disabled) })
    notify(null, 'runtime.disabled', { ...disabled, reason: sentenceOf(disabled) })
  })

  const refuse = (id: number, error: unknown): void => {
    const expected = error instanceof UserError
    // The stack of a bug is logged, so that the user can report it.
    if (!expected) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    send({ kind: 'failure', id, message: reason(error), expected })
  }

  const receive = async (message: unknown): Promise<void> => {
    const request = ToEngine.parse(message)
    if (request.kind === 'stop') return onStop()
    if (request.kind === 'leave') return projects.leave(request.client)
    try {
      if (request.kind === 'picture')
        send({ kind: 'picture', id: request.id, data: await picture(projects, request.picture) })
      else
        send({
          kind: 'result',
          id: request.id,
          output: await dispatch(contextOf(projects, inference, request.client), request.name, request.input),
        })
    } catch (error) {
      refuse(request.id, error)
    }
  }
  return { receive, close: () => projects.close() }
}

const contextOf = (projects: OpenProjects, inference: Inference, client: number): CallContext => ({
  client,
  projects,
  inference,
  project: () => {
    const project = projects.of(client)
    if (project === undefined) throw new UserError('no project is open in this window; open one, or create it')
    return project
  },
})

const picture = async (projects: OpenProjects, which: Picture): Promise<PictureData | null> => {
  const project = projects.withKey(which.project)
  return project === undefined ? null : pictureOf(project, which)
}

/** @throws UserError when there is no such call, or its input does not match the contract */
const dispatch = (context: CallContext, name: string, input: unknown): unknown => {
  if (!isCallName(name)) throw new UserError(`refused the call ${name}: there is no such call`)
  const given = checked(calls[name].input, input)
  if ('fault' in given) throw new UserError(`refused the call ${name}: ${given.fault}`)
  return run(context, name, given.data as CallInput<typeof name>)
}

/** Every entry of the table has its own type; here they share one. */
const run = (context: CallContext, name: CallName, input: unknown): unknown => {
  const handler = handlers[name] as (input: unknown, context: CallContext) => unknown
  return handler(input, context)
}

/** Serves main over the channel of this process until main disconnects or stops it. */
export function serveMain(inference: Inference): void {
  if (process.send === undefined) {
    process.stderr.write(
      'portolan: this is the engine of the window; start it with npm start, or use the command portolan\n',
    )
    process.exit(2)
  }

  watchParent()
  let ending = false
  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    await server.close()
    await inference.close()
    process.exit(0)
  }

  const server = createServer(
    message => {
      // Main may disconnect between the last result and the end.
      if (process.connected) process.send?.(message)
    },
    inference,
    () => void end(),
  )
  const watch = collectWhenIdle()
  process.on('message', message => watch(server.receive(message)))
  // Main has disconnected: running jobs are interrupted and can be resumed.
  process.on('disconnect', () => void end())
  process.send({ kind: 'ready' })
}
