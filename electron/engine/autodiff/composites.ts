import type { ShapeRule, ShapeRules } from '../onnx/shapes.ts'

const sameAs =
  (input: number): ShapeRule =>
  inputs => {
    const like = inputs[input]
    return like && [{ type: like.type, shape: like.shape }]
  }

/**
 * Shape rules of composite operators (domain `portolan`): their results are defined, their computation is not. `lower`
 * replaces them by standard ONNX before a runtime loads the graph.
 *
 * `MaxPoolGrad(x, y, d) → dx` and `MaxPoolTangent(x, y, t) → ty`, with the attributes of the MaxPool that computed y
 * from
 * x: the transpose of the map, and the map, that takes from each window the element of the first maximum in row-major
 * order.
 *
 * `PickRows(x, pick, picked0, picked1) → y`: row pick[…] of x [rows, columns], or zeros where pick is the number of
 * rows; `picked0` and `picked1` are the transpose: for each row of x the (at most two) indices of `pick` that selected
 * it,
 * or the length of `pick`.
 *
 * `LRNGrad(x, y, d) → dx` and `LRNTangent(x, y, t) → ty`, with the attributes of the LRN that computed y from x.
 */
export const composites: ShapeRules = {
  MaxPoolGrad: sameAs(0),
  MaxPoolTangent: sameAs(1),
  LRNGrad: sameAs(0),
  LRNTangent: sameAs(0),
  PickRows: ([x, pick]) => x && pick && [{ type: x.type, shape: [...pick.shape, ...x.shape.slice(1)] }],
}
