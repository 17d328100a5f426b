import { UserError } from '../../contract/errors.ts'
import { visible } from '../../contract/visible.ts'
import type { Unread } from '../model/classify.ts'
import { grouped } from './text.ts'

/** Photographs that could not be read, for JSON. */
export const unreadableFiles = (unread: readonly Unread<unknown>[]): { file: string; reason: string }[] =>
  unread.map(({ error }) => ({ file: error.file, reason: error.reason }))

/** Lines of a list that a person will read. */
const SHOWN = 20

/** The sentence for people about photographs that could not be read, with the files; none where there are none. */
export function unreadableSentence(
  unread: readonly { readonly error: { readonly file: string; readonly reason: string } }[],
): string | undefined {
  if (unread.length === 0) return undefined
  const [{ error: first }] = unread as [(typeof unread)[number]]
  if (unread.length === 1) return visible(`cannot read the image ${JSON.stringify(first.file)}: ${first.reason}`)
  const lines = unread.slice(0, SHOWN).map(({ error }) => `  ${visible(error.file)}: ${visible(error.reason)}`)
  const more = unread.length > SHOWN ? [`  and ${grouped(unread.length - SHOWN)} more, which --json lists`] : []
  return [`${grouped(unread.length)} photographs could not be read:`, ...lines, ...more].join('\n')
}

/** The same for photographs of a job. */
export const missedSentence = (
  missed: readonly { readonly file: string; readonly reason: string }[],
): string | undefined => unreadableSentence(missed.map(({ file, reason }) => ({ error: { file, reason } })))

/** For results of which nothing would be left. */
export function requireSome(found: number, what: string): void {
  if (found === 0) throw new UserError(what)
}
