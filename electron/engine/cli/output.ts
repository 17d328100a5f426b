import { visible, visibleLines } from '../../contract/visible.ts'

/** A value that JSON has. Typed arrays are written as lists of numbers. */
export type Json =
  | string
  | number
  | boolean
  | null
  | Float32Array
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** What a command has found. */
export interface Outcome {
  /** The whole result, for programs. */
  readonly json: { readonly [key: string]: Json | undefined }
  /** The same for people. */
  readonly text: () => string
  /** Where the result is not the whole that was asked for: the sentence that says so. The exit status is then 1. */
  readonly incomplete?: string | undefined
}

/** What goes to stdout: one line of JSON, or the text. */
export function printed(outcome: Outcome, asJson: boolean): string {
  // `\u202e` within a string of JSON is the character itself: what acts is written out, and nothing is changed.
  const text = asJson
    ? visible(JSON.stringify(outcome.json, (_, value) => (value instanceof Float32Array ? [...value] : value)))
    : visibleLines(outcome.text())
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
