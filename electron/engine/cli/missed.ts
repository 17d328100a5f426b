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

/** For results of which nothing would be left. */
export function requireSome(found: number, what: string): void {
  if (found === 0) throw new UserError(what)
}
