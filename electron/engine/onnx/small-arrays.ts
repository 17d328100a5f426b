import { elements } from './tensor.ts'

/** Operations on small row-major arrays, for lengths that exporters arrange in matrices. */

/** The index of each element of a shape, in row-major order. */
function* indices(dims: readonly number[]): Generator<readonly number[]> {
  const index = dims.map(() => 0)
  for (let count = elements(dims); count > 0; count--) {
    yield index
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis]! === dims[axis]; axis--) index[axis] = 0
  }
}

const place = (dims: readonly number[], index: readonly number[]): number =>
  dims.reduce((at, dim, axis) => at * dim + index[axis]!, 0)

/** An array from the position in another of each of its elements. */
const picked = <T>(
  values: readonly T[],
  dims: readonly number[],
  result: readonly number[],
  from: (index: readonly number[]) => readonly number[],
): T[] => Array.from(indices(result), index => values[place(dims, from(index))]!)

export const transposedArray = <T>(values: readonly T[], dims: readonly number[], perm: readonly number[]): T[] =>
  picked(
    values,
    dims,
    perm.map(axis => dims[axis]!),
    index => dims.map((_, axis) => index[perm.indexOf(axis)]!),
  )

/** Repeated along axes of length 1 and along new leading axes, up to the lengths of `result`. */
export const broadcastArray = <T>(values: readonly T[], dims: readonly number[], result: readonly number[]): T[] =>
  picked(values, dims, result, index =>
    dims.map((dim, axis) => (dim === 1 ? 0 : index[axis + result.length - dims.length]!)),
  )

/** The elements at `places` along one axis. */
export function gatheredArray<T>(
  values: readonly T[],
  dims: readonly number[],
  axis: number,
  places: readonly number[],
): T[] {
  return picked(values, dims, dims.with(axis, places.length), index => index.with(axis, places[index[axis]!]!))
}

/** Arrays joined along an axis. */
export function joinedArrays<T>(
  parts: readonly { readonly values: readonly T[]; readonly dims: readonly number[] }[],
  axis: number,
): T[] {
  const outer = elements(parts[0]!.dims.slice(0, axis))
  const rows = parts.map(({ dims }) => elements(dims.slice(axis)))
  return Array.from({ length: outer }, (_, at) =>
    parts.flatMap(({ values }, part) => values.slice(at * rows[part]!, (at + 1) * rows[part]!)),
  ).flat()
}

/** The places that a slice takes along an axis, as ONNX counts: negative from the end, clamped into the axis. */
export function slicePlaces(length: number, start: number, end: number, step: number): number[] {
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(Math.max(at < 0 ? at + length : at, low), high)
  const [from, to] =
    step > 0
      ? [clamp(start, 0, length), clamp(end, 0, length)]
      : [clamp(start, 0, length - 1), clamp(end, -1, length - 1)]
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step)
}
