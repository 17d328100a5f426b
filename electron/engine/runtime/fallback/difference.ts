import type { Tensor } from '../../onnx/tensor.ts'

/**
 * How far results lie from those of another runtime: ‖a − b‖ / ‖b‖ of the output that differs most. A norm over all
 * numbers, because single ones may well differ: a maximum is taken elsewhere, a unit close to 0 is on instead of off.
 * @param right outputs of the reference, by name
 * @returns Infinity where an output is missing, of another size, or not finite where the reference is
 */
export function difference(found: Readonly<Record<string, Tensor>>, right: Readonly<Record<string, Tensor>>): number {
  let largest = 0
  for (const [name, reference] of Object.entries(right)) {
    const own = found[name]
    if (own?.data.length !== reference.data.length) return Number.POSITIVE_INFINITY
    largest = Math.max(largest, distance(own.data, reference.data))
  }
  return largest
}

function distance(a: Tensor['data'], b: Tensor['data']): number {
  let [squares, reference] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])]
    if (!Number.isFinite(y)) continue
    if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY
    squares += (x - y) ** 2
    reference += y ** 2
  }
  return squares === 0 ? 0 : Math.sqrt(squares / (reference || Number.MIN_VALUE))
}

/** Whether all numbers of some results are finite. */
export const finite = (results: Readonly<Record<string, Tensor>>): boolean =>
  Object.values(results).every(
    ({ type, data }) => type !== 'float32' || (data as Float32Array).every(value => Number.isFinite(value)),
  )
