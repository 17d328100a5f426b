import type { ShapeRule, ShapeRules } from '../onnx/shapes.ts'

const sameAs =
  (input: number): ShapeRule =>
  inputs => {
    const like = inputs[input]
    return like && [{ type: like.type, shape: like.shape }]
  }

/**
 * Operators of our own (domain `portolan`): exact in meaning, free in how they are computed. Each stands in a graph
 * until `lower` writes it as plain ONNX for the runtime at hand. Here is what shape inference needs to know.
 *
 * `MaxPoolGrad(x, y, d) → dx` and `MaxPoolTangent(x, y, t) → ty`, with the attributes of the MaxPool that made y of x:
 * the transpose of, and the map that takes from each window, the element where the first maximum in row-major order is.
 *
 * `PickRows(x, pick, picked0, picked1) → y`: row pick[…] of x [rows, columns], or zeros where pick is the number of
 * rows; `picked` are its transpose, row by row of x the (at most two) places that picked it, or the number of places.
 *
 * `LRNGrad(x, y, d) → dx` and `LRNTangent(x, y, t) → ty`, with the attributes of the LRN that made y of x.
 */
export const composites: ShapeRules = {
  MaxPoolGrad: sameAs(0),
  MaxPoolTangent: sameAs(1),
  LRNGrad: sameAs(0),
  LRNTangent: sameAs(0),
  PickRows: ([x, pick]) => x && pick && [{ type: x.type, shape: [...pick.shape, ...x.shape.slice(1)] }],
}
