import type { z } from 'zod'

/** One line of the table: what goes in, what comes out. */
export interface Call<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly input: I
  readonly output: O
  /**
   * The paths in an input. Main refuses those that were not chosen by the user in a dialog, dropped, or opened before,
   * so that a page gone astray can't make the engine read what it likes.
   */
  paths(input: unknown): readonly string[]
  /** The paths in an input that are written to. The user has to have chosen them in a dialog for saving. */
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
  paths: given => paths(input.parse(given)),
  outputs: given => outputs(input.parse(given)),
})
