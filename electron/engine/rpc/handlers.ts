import type { z } from 'zod'
import type { CallName, calls, Output } from '../../contract/calls.ts'
import type { EventName, EventOf } from '../../contract/events.ts'
import type { Inference } from '../inference/inference.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { OpenProjects } from './open-projects.ts'

/** Sends an event to some windows; null: to all. */
export type Notify = <N extends EventName>(clients: readonly number[] | null, name: N, given: EventOf<N>) => void

/** The context of a call. */
export interface CallContext {
  /** The window. */
  readonly client: number
  readonly projects: OpenProjects
  readonly inference: Inference
  /** @throws UserError when the window has no project open */
  readonly project: () => OpenProject
}

/** A checked input. */
export type CallInput<N extends CallName> = z.output<(typeof calls)[N]['input']>

/** The handlers of all calls. */
export type Handlers = {
  readonly [N in CallName]: (input: CallInput<N>, context: CallContext) => Output<N> | Promise<Output<N>>
}

/** One family of calls, such as `atlas`, in a file of its own. */
export type Calls<Prefix extends string> = Pick<Handlers, Extract<CallName, `${Prefix}.${string}`>>
