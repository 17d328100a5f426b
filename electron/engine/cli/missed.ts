import { UserError } from '../../contract/errors.ts'
import { visible } from '../../contract/visible.ts'
import type { Unread } from '../model/classify.ts'
import { grouped } from './text.ts'

/** Photographs that could not be read, for JSON. */
export const unreadableFiles = (unread: readonly Unread<unknown>[]): { file: string; reason: string }[] =>
  unread.map(({ error }) => ({ file: error.file, reason: error.reason }))

/** Maximum of files that a message lists. */
const SHOWN = 20

/** The message about photographs that could not be read, with the files; undefined when all could. */
export function missedSentence(
  missed: readonly { readonly file: string; readonly reason: string }[],
): string | undefined {
  const [first] = missed
  if (first === undefined) return undefined
  if (missed.length === 1) return visible(`cannot read the image ${JSON.stringify(first.file)}: ${first.reason}`)
  const lines = missed.slice(0, SHOWN).map(({ file, reason }) => `  ${visible(file)}: ${visible(reason)}`)
  const more = missed.length > SHOWN ? [`  and ${grouped(missed.length - SHOWN)} more, which --json lists`] : []
  return [`${grouped(missed.length)} photographs could not be read:`, ...lines, ...more].join('\n')
}

/** @throws UserError `message` when nothing was found: the result would be empty */
export function requireSome(found: number, message: string): void {
  if (found === 0) throw new UserError(message)
}
