import { z } from 'zod'
import { Picture, PictureData } from './pictures.ts'

/**
 * Messages between main and the engine over the channel of the child process. Inputs, outputs and events are
 * checked against their own lines of the table after this; `client` is one window, which has one project.
 */
export const ToEngine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.int(), client: z.int(), name: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('picture'), id: z.int(), picture: Picture }),
  /** A window is gone: its project may be closed when no other window has it. */
  z.object({ kind: z.literal('leave'), client: z.int() }),
  /** Finish the batch in flight and exit. */
  z.object({ kind: z.literal('stop') }),
])
export type ToEngine = z.infer<typeof ToEngine>

export const FromEngine = z.discriminatedUnion('kind', [
  /** Sent once, when calls are accepted. */
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('result'), id: z.int(), output: z.unknown() }),
  z.object({ kind: z.literal('picture'), id: z.int(), data: PictureData.nullable() }),
  /** `expected`: a sentence for the user (UserError). Otherwise a bug, whose stack stays in the log. */
  z.object({ kind: z.literal('failure'), id: z.int(), message: z.string(), expected: z.boolean() }),
  /** `clients` null: every window. */
  z.object({ kind: z.literal('event'), clients: z.array(z.int()).nullable(), name: z.string(), given: z.unknown() }),
])
export type FromEngine = z.infer<typeof FromEngine>
