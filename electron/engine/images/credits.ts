import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Credit } from '../../contract/credit.ts'
import { reason } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { fileReason, readRegular } from './read.ts'

/** Most rows of a list, and characters of a row: a short row takes many times its own size in memory. */
const MAX_ROWS = 500_000
const MAX_ROW = 65_536

/** Characters of a field that are kept. */
const MAX_LENGTH = 300

/** Recognised headings, case-insensitive. */
const HEADINGS: Readonly<Record<'file' | keyof Credit, readonly string[]>> = {
  file: ['file', 'filename', 'name', 'path'],
  title: ['title'],
  author: ['author', 'creator', 'photographer', 'artist'],
  source: ['source', 'url', 'address'],
  license: ['license', 'licence'],
  changes: ['changes', 'modifications'],
}

/** Whether a file lists the authors of photographs. */
export const isCreditsFile = (file: string): boolean => /^attribution\.csv$/i.test(basename(file))

/** A list of authors that cannot be used, with the reason in plain words. */
export class UnreadableCredits extends Error {
  readonly file: string
  constructor(file: string, why: string, cause?: unknown) {
    super(why, { cause })
    this.file = file
  }
}

/**
 * Reads an ATTRIBUTION.csv: a heading with `file` and any of title, author, source, license and changes, then a row for
 * each photograph, `file` relative to the list.
 * @returns by that relative path, with forward slashes; empty rows are omitted
 * @throws UnreadableCredits when the file is too large, not CSV in UTF-8, or has no column for files
 */
export async function readCredits(file: string): Promise<ReadonlyMap<string, Credit>> {
  const rows = rowsOf(file, await textOf(file))
  if (rows.length > MAX_ROWS) throw new UnreadableCredits(file, `it has more than ${MAX_ROWS} rows`)
  const headings = (rows[0] ?? []).map(heading => heading.trim().toLowerCase())
  const column = (name: keyof typeof HEADINGS): number =>
    headings.findIndex(heading => HEADINGS[name].includes(heading))
  const at = column('file')
  if (at < 0)
    throw new UnreadableCredits(file, `it has no column "file" (its first row is ${headings.join(', ').slice(0, 80)})`)
  const columns = { title: 0, author: 0, source: 0, license: 0, changes: 0 }
  for (const name of Object.keys(columns) as (keyof Credit)[]) columns[name] = column(name)
  const found = new Map<string, Credit>()
  for (const row of rows.slice(1)) {
    const cell = (name: keyof Credit): string => plainText(row[columns[name]] ?? '')
    const credit: Credit = {
      title: cell('title'),
      author: cell('author'),
      source: cell('source'),
      license: cell('license'),
      changes: cell('changes'),
    }
    const relative = (row[at] ?? '').trim().replaceAll('\\', '/').replace(/^\.\//, '')
    if (relative !== '' && Object.values(credit).some(Boolean)) found.set(relative, credit)
  }
  return found
}

async function textOf(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readRegular(file, BOUNDS.textBytes))
  } catch (error) {
    throw new UnreadableCredits(file, error instanceof TypeError ? 'it is not UTF-8' : fileReason(error), error)
  }
}

/** Whether a line has more characters than a row may have: `max_record_size` does not count the commas. */
const hasLongLine = (text: string): boolean => {
  for (let from = 0, at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at)
    if (at < text.length && code !== 10 && code !== 13) continue
    if (at - from > MAX_ROW) return true
    from = at + 1
  }
  return false
}

function rowsOf(file: string, text: string): readonly (readonly string[])[] {
  if (hasLongLine(text)) throw new UnreadableCredits(file, `a row has more than ${MAX_ROW} characters`)
  try {
    return parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW,
      to: MAX_ROWS + 1,
    })
  } catch (error) {
    throw new UnreadableCredits(file, `it is not CSV (${reason(error)})`, error)
  }
}

/**
 * Text of a file as one harmless line: without control characters, and without those that reverse the direction in
 * which the text around them is read.
 */
const plainText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LENGTH)
