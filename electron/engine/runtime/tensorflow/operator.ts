import { attribute, type Node } from '../../onnx/graph.ts'
import { Device, type Value } from './value.ts'

/** One operator on values of the device or of the host; its results are new values. */
export type Operator = (inputs: readonly (Value | undefined)[], node: Node) => readonly Value[]
export type Operators = Readonly<Record<string, Operator>>

/** The index of each axis of [N, C, H, W] in [N, H, W, C]. */
const PLACE = [0, 3, 1, 2]

/** Whether to use channels last: one of the operands exists in no other order. */
export const anyLast = (values: readonly Value[]): boolean =>
  values.some(value => value.kind === 'device' && value.isLast)

/**
 * Applies a function along axes in the order that a value exists in, without a transposition.
 * @param f gets the tensor and the indices of the axes in it; keeps the number of axes
 */
export function along(
  x: Device,
  axes: readonly number[],
  f: (tensor: Device['first'], axes: number[]) => Device['first'],
): Device {
  if (!x.isLast) return Device.first(f(x.first, [...axes]))
  return Device.last(
    f(
      x.last,
      axes.map(axis => PLACE[axis]!),
    ),
  )
}

export const intOf = (node: Node, name: string, otherwise: number): number => attribute(node, name, 'int', otherwise)
export const floatOf = (node: Node, name: string, otherwise: number): number =>
  attribute(node, name, 'float', otherwise)

/** The device value of an input. @throws when it is missing or on the host */
export function deviceAt(inputs: readonly (Value | undefined)[], i: number, node: Node): Device {
  const value = inputs[i]
  if (value?.kind === 'device') return value
  throw new Error(`${node.op} "${node.name}" requires numbers on the device as input ${i}`)
}
