import { visible } from './visible.ts'

/**
 * A field by RFC 4180: quoted if it contains a comma or a quote; empty for a number that is not finite. Control characters of
 * text are made visible, and text that a spreadsheet would treat as a formula has an apostrophe before it.
 */
export function csvField(value: string | number): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  const text = visible(value).replace(/^[=+\-@]/, "'$&")
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows of a CSV by RFC 4180. */
export const csvText = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map(row => `${row.map(csvField).join(',')}\r\n`).join('')
