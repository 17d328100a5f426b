import type { Tensor } from '../../onnx/tensor.ts'

/**
 * The difference of results from those of another runtime: the maximum of ‖a − b‖ / ‖b‖ over the outputs. A norm over
 * all numbers, because single ones may differ: a maximum is at another element, a unit close to 0 is active or not.
 * @param right outputs of the reference, by name
 * @returns Infinity where an output is missing, of another size, or not finite where the reference is
 */
export function difference(found: Readonly<Record<string, Tensor>>, right: Readonly<Record<string, Tensor>>): number {
  let largest = 0
  for (const [name, reference] of Object.entries(right)) {
    const result = found[name]
    if (result?.data.length !== reference.data.length) return Number.POSITIVE_INFINITY
    largest = Math.max(largest, distance(result.data, reference.data))
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
