import type { ZodError } from 'zod'
import { type CallName, calls, isCallName } from '../contract/calls.ts'
import { reason, UserError } from '../contract/errors.ts'
import type { Picture, PictureData } from '../contract/pictures.ts'
import { type FromEngine, ToEngine } from '../contract/wire.ts'
import type { Inference } from './inference/inference.ts'
import { pictureOf } from './query/pictures.ts'
import type { CallContext, CallInput, Tell } from './rpc/handlers.ts'
import { OpenProjects } from './rpc/open-projects.ts'
import { handlers } from './rpc/table.ts'
import { sentenceOf } from './runtime/pool.ts'

/** The server side of the contract: hears what main says, and answers. */
export interface Server {
  /** Takes one message of the channel. What isn't one is a bug of main, and thrown. */
  readonly hear: (message: unknown) => Promise<void>
  /** Interrupts jobs, and lets all projects go. */
  readonly close: () => Promise<void>
}

/**
 * @param say       tells main
 * @param inference what all projects share; a runtime is begun when it is first needed
 * @param onStop    main wants the process to end
 */
export const createServer = (say: (message: FromEngine) => void, inference: Inference, onStop: () => void): Server => {
  const tell: Tell = (clients, name, given) => {
    if (clients === null || clients.length > 0)
      say({ kind: 'event', clients: clients === null ? null : [...clients], name, given })
  }
  const projects = new OpenProjects(tell, inference)
  inference.pool.listen(disabled => {
    tell(null, 'notice', { level: 'warning', text: sentenceOf(disabled) })
    tell(null, 'runtime.disabled', { ...disabled, reason: sentenceOf(disabled) })
  })

  const refuse = (id: number, error: unknown): void => {
    const expected = error instanceof UserError
    // A bug keeps its stack, where the user can send it from.
    if (!expected) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    say({ kind: 'failure', id, message: reason(error), expected })
  }

  const hear = async (message: unknown): Promise<void> => {
    const said = ToEngine.parse(message)
    if (said.kind === 'stop') return onStop()
    if (said.kind === 'leave') return projects.leave(said.client)
    try {
      if (said.kind === 'picture') say({ kind: 'picture', id: said.id, data: await picture(projects, said.picture) })
      else
        say({
          kind: 'answer',
          id: said.id,
          output: await answer(asked(projects, inference, said.client), said.name, said.input),
        })
    } catch (error) {
      refuse(said.id, error)
    }
  }
  return { hear, close: () => projects.close() }
}

const asked = (projects: OpenProjects, inference: Inference, client: number): CallContext => ({
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

/** @throws UserError when there is no such call, or its input isn't what the table says */
const answer = (asked: CallContext, name: string, input: unknown): unknown => {
  if (!isCallName(name)) throw new UserError(`refused the call ${name}: there is no such call`)
  const given = calls[name].input.safeParse(input)
  if (!given.success) throw new UserError(`refused the call ${name}: ${sentence(given.error)}`)
  return run(asked, name, given.data as CallInput<typeof name>)
}

/** The table has one type for every line: here they are taken as one. */
const run = (asked: CallContext, name: CallName, given: unknown): unknown => {
  const handler = handlers[name] as (given: unknown, asked: CallContext) => unknown
  return handler(given, asked)
}

const sentence = (error: ZodError): string =>
  error.issues
    .slice(0, 3)
    .map(issue => `${issue.path.join('.') || 'input'}: ${issue.message}`)
    .join(', ')
