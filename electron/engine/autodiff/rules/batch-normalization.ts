import { float32 } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { type Site, symmetric } from '../rule.ts'

/** At inference y = γ(x − μ)/√(σ² + ε) + β: each channel times γ/√(σ² + ε). */
export const batchNormalization = symmetric('BatchNormalization', (g, at, t) => {
  const [, gamma, , , variance] = at.inputs
  const [scale, variances] = [constant(g, at, gamma!), constant(g, at, variance!)]
  const epsilon = at.float('epsilon', 1e-5)
  const slopes = scale.map((value, channel) => value / Math.sqrt(variances[channel]! + epsilon))
  const dims = [slopes.length, ...new Array<number>(g.rank(at.x) - 2).fill(1)]
  return g.mul(t, g.initializer(float32(dims, slopes), 'slopes'))
})

function constant(g: Calculus, at: Site, name: string): Float32Array {
  const tensor = g.constant(name)
  if (tensor?.type !== 'float32') g.refuse(at.node, `its parameter "${name}" is not constant`)
  return tensor.data
}
