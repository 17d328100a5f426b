import { attribute, type Node } from '../../onnx/graph.ts'
import { Device, type Value } from './value.ts'

/** One operator on values of the device or of the host; its results are values of their own. */
export type Operator = (inputs: readonly (Value | undefined)[], node: Node) => readonly Value[]
export type Operators = Readonly<Record<string, Operator>>

/** Where an axis of [N, C, H, W] lies in [N, H, W, C]. */
const PLACE = [0, 3, 1, 2]

/** Whether operands are better taken with channels last: one of them is there in no other order. */
export const anyLast = (values: readonly Value[]): boolean =>
  values.some(value => value.kind === 'device' && value.isLast)

/**
 * Works along axes in whatever order a value is there, so that nothing is transposed.
 * @param f gets the tensor and the axes' places in it; keeps the number of axes
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

/** The device value at a place. @throws when it is missing or held by the host */
export function deviceAt(inputs: readonly (Value | undefined)[], i: number, node: Node): Device {
  const value = inputs[i]
  if (value?.kind === 'device') return value
  throw new Error(`${node.op} "${node.name}" wants numbers on the device as input ${i}`)
}
