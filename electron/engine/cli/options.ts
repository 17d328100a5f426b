import { z } from 'zod'

/** Schemas for the text of options. Each message completes the sentence `--option …, not "x"`. */

export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const message =
    max === Number.MAX_SAFE_INTEGER ? `takes a whole number from ${min}` : `takes a whole number from ${min} to ${max}`
  return z.string().regex(/^\d+$/, message).transform(Number).pipe(z.int(message).min(min, message).max(max, message))
}

/** Row and column, from 0. */
export const position = z
  .string()
  .regex(/^\d+,\d+$/, 'takes a position Y,X in the layer, counted from 0, such as 8,5')
  .transform(text => text.split(',').map(Number) as [y: number, x: number])

/** The help text and messages about `list`. */
export const LIST_ESCAPE = 'write a comma within a name as \\, or repeat the option for each name'

/** For commander: an option that may be given several times. */
export const collected = (value: string, before: unknown): readonly string[] =>
  Array.isArray(before) ? [...before, value] : [value]

const splitAtCommas = (text: string): string[] =>
  [...text.matchAll(/(?:^|,)((?:\\,|[^,])*)/g)].map(([, part = '']) => part.replaceAll('\\,', ',').trim())

/**
 * Names or numbers: separated by commas, or one per repetition of the option. A comma within a name is escaped by a
 * backslash.
 */
export const list = z
  .union([z.string(), z.array(z.string())])
  .transform(given => {
    const values = [given].flat()
    // Of a repeated option each value is one name.
    return values.length > 1 ? values : splitAtCommas(values[0] ?? '')
  })
  .pipe(z.array(z.string().min(1, 'takes a list separated by commas')).min(1))

/** Numbers separated by commas, or one or more per repetition of the option; duplicates are removed. */
export const numbers = <T extends z.ZodType<number, string>>(number: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform(given => [...new Set([given].flat().flatMap(text => text.split(',').map(part => part.trim())))])
    .pipe(z.array(number).min(1))

export const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `takes ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`)

export const flag = z.boolean().default(false)
