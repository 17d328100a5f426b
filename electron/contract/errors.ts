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
/** Most characters of a word in a longer message; paths in use are shorter. */
const LONGEST_WORD = 300
const LONG_WORDS = new RegExp(`\\S{${LONGEST_WORD},}`, 'g')

/** Bounds a message, because names in a file may have any length: long words are cut, then the middle. */
function shortened(message: string): string {
  if (message.length <= LONGEST) return message
  const words = message.replace(LONG_WORDS, word => cut(word, LONGEST_WORD))
  return words.length <= LONGEST ? words : cut(words, LONGEST)
}

/** The beginning and the end: what is wrong, and the way out. */
const cut = (text: string, most: number): string => `${text.slice(0, (most >> 1) - 1)}…${text.slice(-(most >> 1))}`

/** The message of anything thrown, for sentences such as `cannot read x: ${reason(error)}`. */
export const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
