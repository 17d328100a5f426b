import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'

/** What a JSON column holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

export const toJson = (value: Json): string => JSON.stringify(value)
/** Texts come from columns that are checked against their rules (rules.ts): they are JSON. */
export const fromJson = (text: string): Json => JSON.parse(text)

/**
 * JSON of a project in the form that Portolan writes.
 * @param what what it is, in a sentence: `the preset of the atlas "mixed4c"`
 * @throws UserError where it has another form: the file is damaged, or was made by another program
 */
export const stored = <S extends z.ZodType>(form: S, value: unknown, what: string): z.output<S> => {
  const parsed = form.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new UserError(
    `cannot read ${what} in the project (${path.length === 0 ? '' : `${path.join('.')}: `}${message}): it is damaged or was changed by another program; "portolan project check" says more, restore a copy from before`,
  )
}
