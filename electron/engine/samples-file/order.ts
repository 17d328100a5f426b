/** Samples of a section: 4,096 × 1,024 channels are 4 MB, which fit in memory and compress well. */
export const BLOCK = 4_096

/** The blocks of n samples. */
export function* blocks(n: number): Generator<{ readonly start: number; readonly count: number }> {
  for (let start = 0; start < n; start += BLOCK) yield { start, count: Math.min(BLOCK, n - start) }
}

/**
 * Transposes [rows, columns] to [columns, rows]. Values of one channel are more similar than those of one sample, so that
 * they compress better.
 */
export function transposed<T extends Uint8Array | Uint16Array>(values: T, columns: number, empty: T): T {
  const rows = values.length / columns
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) empty[column * rows + row] = values[row * columns + column]!
  return empty
}
