import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'

/** The text of a JSON column. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

export const toJson = (value: Json): string => JSON.stringify(value)
/** Parses the text of a column that the rules (rules.ts) have checked to be JSON. */
export const fromJson = (text: string): Json => JSON.parse(text)

/**
 * Validates JSON of a project.
 * @param name names the value in the message: `the preset of the atlas "mixed4c"`
 * @throws UserError when it has another form: the file is damaged, or was written by another program
 */
export const stored = <S extends z.ZodType>(form: S, value: unknown, name: string): z.output<S> => {
  const parsed = form.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new UserError(
    `cannot read ${name} in the project (${path.length === 0 ? '' : `${path.join('.')}: `}${message}): it is damaged or was changed by another program; run "portolan project check" for details, or restore a backup`,
  )
}
