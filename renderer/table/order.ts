/** Indices of values from the largest to the smallest or the reverse; those without one last, ties in their order. */
export function ordered(values: ArrayLike<number>, descending: boolean): readonly number[] {
  const sign = descending ? -1 : 1
  return Array.from(values, (_, k) => k).sort((a, b) => {
    const [x, y] = [values[a]!, values[b]!]
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
    return sign * (x - y) || a - b
  })
}
