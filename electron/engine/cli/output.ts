import { visible, visibleLines } from '../../contract/visible.ts'

/** A JSON value. Typed arrays are written as lists of numbers. */
export type Json =
  | string
  | number
  | boolean
  | null
  | Float32Array
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** The result of a command. */
export interface Outcome {
  /** The complete result, for programs. */
  readonly json: { readonly [key: string]: Json | undefined }
  /** The text for the terminal. */
  readonly text: () => string
  /** A sentence about what is missing from the result; the exit status is then 1. */
  readonly incomplete?: string | undefined
}

/** The output on stdout: one line of JSON, or the text. */
export function printed(outcome: Outcome, asJson: boolean): string {
  // Within a string of JSON an escape such as `\u202e` is the character itself: control characters become visible and
  // the value stays the same.
  const text = asJson
    ? visible(JSON.stringify(outcome.json, (_, value) => (value instanceof Float32Array ? [...value] : value)))
    : visibleLines(outcome.text())
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
