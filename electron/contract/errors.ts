/**
 * An error that the user can act on: one sentence that names the file, the value and the way out.
 * Everything that is not a UserError is a bug and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** Exit status of the command line: 1 for a failure, 2 for wrong usage. */
  readonly exitCode: 1 | 2

  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: 1 | 2 } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
  }
}

/** The message of anything thrown, for sentences such as `cannot read x: ${reason(error)}`. */
export const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
