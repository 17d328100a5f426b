/**
 * An error that the user can act on: one sentence that names the file, the value and the way out.
 * Everything that is not a UserError is a bug and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** Exit status of the command line: 1 for a failure, 2 for wrong usage. */
  readonly exitCode: 1 | 2

  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: 1 | 2 } = {}) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
  }
}

/** Most characters of a message; one that lists forty layers is shorter. */
const LONGEST = 1_400
/** From this length on long names are cut: only lists and paths may make a message longer. */
const LONG = 500
const LONG_NAMES = /[^\s/\\]{200,}/g
const LONG_WORDS = /\S{300,}/g

/** Bounds a message, because names in a file may have any length: long names are cut, then long paths, then the middle. */
function shortened(message: string): string {
  if (message.length <= LONG) return message
  const named = message.replace(LONG_NAMES, name => cut(name, 200))
  if (named.length <= LONGEST) return named
  const words = named.replace(LONG_WORDS, word => cut(word, 300))
  return words.length <= LONGEST ? words : cut(words, LONGEST)
}

/** The beginning and the end: what is wrong, and the way out. */
const cut = (text: string, most: number): string => `${text.slice(0, (most >> 1) - 1)}…${text.slice(-(most >> 1))}`

/** The message of anything thrown, for sentences such as `cannot read x: ${reason(error)}`. */
export const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
