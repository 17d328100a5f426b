import { float32, type TypedTensor } from '../onnx/tensor.ts'

/**
 * Square root of the colour covariance of natural photographs (lucid, from ImageNet): columns are decorrelated
 * colours (light–dark, blue–orange, green–magenta), rows red, green, blue.
 */
const CORRELATION = [
  [0.26, 0.09, 0.02],
  [0.27, 0, -0.05],
  [0.27, -0.09, 0.03],
] as const

/** Maximum length of a column, by which the matrix is divided, so that no decorrelated colour is amplified. */
const LARGEST = Math.max(...[0, 1, 2].map(c => Math.hypot(...CORRELATION.map(row => row[c]!))))

/**
 * The step from decorrelated colours to red, green, blue (before the sigmoid) for a batch at once:
 * x·(I ⊗ Mᵀ) with M = CORRELATION / LARGEST. One dense product is faster than as many small ones as there are icons.
 * @param factors of the three decorrelated colours
 * @returns [3·icons, 3·icons], block-diagonal
 */
export function decorrelated(
  icons: number,
  factors: readonly [number, number, number] = [1, 1, 1],
): TypedTensor<'float32'> {
  const edge = 3 * icons
  const matrix = float32([edge, edge])
  for (let icon = 0; icon < icons; icon++)
    for (let from = 0; from < 3; from++)
      for (let to = 0; to < 3; to++)
        matrix.data[(icon * 3 + from) * edge + icon * 3 + to] = (CORRELATION[to]![from]! / LARGEST) * factors[from]!
  return matrix
}
