import type { Estimate } from '../../contract/experiment-result.ts'
import { visible } from '../../contract/visible.ts'

/** 12,345: a count with thousands separators. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** `1 sample`, `1,203 samples`. */
export const counted = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`

/** `8 s`, `3 min 20 s`, `2 h 5 min`. @param milliseconds any span */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** 76.3 %. @param share from 0 to 1 */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** 1.23 [0.98, 1.48]: a number with its interval, where there is one. */
export const estimated = ({ value, low, high, photographs, interval }: Estimate): string => {
  if (photographs === 0) return 'unknown'
  return interval === 'none'
    ? `${value.toFixed(2)}, no interval`
    : `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`
}

/**
 * Rows as columns of equal width, two spaces apart.
 * @param right indices of numeric columns, which are aligned to the right
 */
export function table(cells: readonly (readonly string[])[], right: readonly number[] = []): string {
  // Cells contain names from files: a line break in one would start a new row.
  const rows = cells.map(row => row.map(visible))
  const widths: number[] = []
  for (const row of rows) for (const [c, cell] of row.entries()) widths[c] = Math.max(widths[c] ?? 0, cell.length)
  return rows
    .map(row =>
      row
        .map((cell, c) => (right.includes(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** 12.3 MB, of a million bytes each. */
export const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`
