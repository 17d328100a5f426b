import { z } from 'zod'

/** Schemas for the text of options. Each message completes the sentence `--option …, not "x"`. */

export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) => {
  const message =
    most === Number.MAX_SAFE_INTEGER
      ? `takes a whole number from ${least}`
      : `takes a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.int(message).min(least, message).max(most, message))
}

/** Row and column, from 0. */
export const position = z
  .string()
  .regex(/^\d+,\d+$/, 'takes a position Y,X in the layer, counted from 0, such as 8,5')
  .transform(text => text.split(',').map(Number) as [y: number, x: number])

/** How help and messages explain `list`. */
export const LIST_ESCAPE = 'a comma within a name is written \\, or the option is repeated, a name each'

/** For commander: an option that may be given several times. */
export const collected = (value: string, before: unknown): readonly string[] =>
  Array.isArray(before) ? [...before, value] : [value]

const splitAtCommas = (text: string): string[] =>
  [...text.matchAll(/(?:^|,)((?:\\,|[^,])*)/g)].map(([, part = '']) => part.replaceAll('\\,', ',').trim())

/**
 * Names or numbers: with commas between them, or one each time that the option is given. A comma that belongs to a name
 * has a backslash before it.
 */
export const list = z
  .union([z.string(), z.array(z.string())])
  .transform(given => {
    const values = [given].flat()
    // Given several times, each value is one whole name.
    return values.length > 1 ? values : splitAtCommas(values[0] ?? '')
  })
  .pipe(z.array(z.string().min(1, 'takes a list with commas between its parts')).min(1))

/** Numbers with commas between them, or one or more each time that the option is given; each counts once. */
export const numbers = <T extends z.ZodType<number, string>>(number: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform(given => [...new Set([given].flat().flatMap(text => text.split(',').map(part => part.trim())))])
    .pipe(z.array(number).min(1))

export const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `takes ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`)

export const flag = z.boolean().default(false)
