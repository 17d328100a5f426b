import type { z } from 'zod'

/** One line of the table: what goes in, what comes out. */
export interface Call<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly input: I
  readonly output: O
  /**
   * The paths in an input, as its schema has returned it. Main refuses those that were not chosen by the user in a dialog, dropped, or opened before,
   * so that a page gone astray can't make the engine read what it likes.
   */
  paths(input: unknown): readonly string[]
  /** The paths in such an input that are written to. The user has to have chosen them in a dialog for saving. */
  outputs(input: unknown): readonly string[]
}

export const call = <I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  paths: (input: z.output<I>) => readonly string[] = () => [],
  outputs: (input: z.output<I>) => readonly string[] = () => [],
): Call<I, O> => ({
  input,
  output,
  paths: given => paths(given as z.output<I>),
  outputs: given => outputs(given as z.output<I>),
})

/**
 * Checks a value against a schema of the table.
 * @returns the value as the schema returns it, or its first faults as one part of a sentence
 */
export function checked<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { readonly data: z.output<T> } | { readonly fault: string } {
  try {
    const { data, error } = schema.safeParse(value)
    return error === undefined ? { data: data as z.output<T> } : { fault: faultsOf(error) }
  } catch (error) {
    // zod freezes a read-only value before it returns what is wrong with it, and a typed array can't be frozen.
    if (error instanceof TypeError && /freeze/.test(error.message)) return { fault: 'input: bytes where none belong' }
    throw error
  }
}

const faultsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
    .join(', ')
