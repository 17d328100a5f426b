import { lower } from '../autodiff/lower.ts'
import { named } from '../autodiff/outputs.ts'
import { gradient, gradientOf } from '../autodiff/reverse.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { int, pruned } from '../onnx/graph.ts'
import { adamGraph } from './adam.ts'
import { boundaryPenalty } from './boundary.ts'
import type { Sized } from './frame.ts'
import { imageOf } from './image.ts'
import { centringOf, objectiveGraph } from './objective.ts'
import { addCentre, type Centred } from './readout.ts'
import { windowEdge } from './transform.ts'
import { viewed } from './views.ts'
import { warped } from './warp.ts'

/** Outputs of a step that are fed to the next one. They stay on the device. */
export const STEP_STATE = { 'spectrum.next': 'spectrum', 'first.next': 'first', 'second.next': 'second' } as const

/** Edge of the window of the image that a step computes: views and the boundary penalty need the complete image. */
export const stepWindow = ({ boundary, size, transforms }: Sized): number =>
  boundary || 'views' in transforms ? size : windowEdge(size, transforms)

const SPECTRUM = 'spectrum'
const EARLY = 'early'

/**
 * One optimisation step for a batch of icons, as one graph and one run. The objective is defined forward, spectrum →
 * image → transform → network → objective − boundary penalty; autodiff adds its gradient, and Adam the update. A new
 * parameterisation, transform, objective or penalty is one function.
 *
 * Inputs: the state (spectrum and both moments of Adam, [2·size, size/2+1, 3N]), `target` [N, channels], `rate`,
 * `secondMomentScale` and `keep` of Adam, the centre (`centreFeeds`), the window and the transform (`warpFeeds`,
 * `viewFeeds`); with `redirect` also `early`, true in the steps in which gradients pass through inactive ReLUs; with a
 * low-pass also `amplitudes`; with a centred objective also `offset` [1, channels].
 * Outputs: the state's successors, and `objective` [N].
 */
export function stepGraph(classifier: Classifier, layer: Layer, inversion: Sized): Centred {
  const { size, batch, optimizer } = inversion
  const state = [2 * size, size / 2 + 1, 3 * batch]
  const { graph, each, radii } = objective(classifier, layer, inversion)
  const g = new GraphBuilder(graph)
  const floats = (name: string, shape: readonly number[]): string => g.input({ name, type: 'float32', shape })
  const next = adamGraph(
    g,
    { x: SPECTRUM, m: floats('first', state), v: floats('second', state), gradient: gradientOf(SPECTRUM) },
    {
      rate: floats('rate', []),
      secondMomentScale: floats('secondMomentScale', []),
      keep: optimizer ? floats('keep', []) : '',
    },
    { optimizer, icons: batch, rows: 2 * size * (size / 2 + 1) },
  )
  const output = (name: string, shape: readonly number[] = state) => ({ name, type: 'float32', shape }) as const
  const step = named(g.build(`step of ${layer.name}`, []), [
    [output('spectrum.next'), next.x],
    [output('first.next'), next.m],
    [output('second.next'), next.v],
    [output('objective', [batch]), each],
  ])
  return { graph: pruned(step), radii }
}

/** From the spectrum to the objective of `each` icon, [N], with the gradient of their sum. */
function objective(classifier: Classifier, layer: Layer, inversion: Sized): Centred & { readonly each: string } {
  const { size, batch, image, transforms, boundary, redirect } = inversion
  const window = stepWindow(inversion)
  const g = new GraphBuilder()
  const index = (name: string): string => g.input({ name, type: 'int64', shape: [1] })
  const floats = (name: string, shape: readonly (number | string)[]): string =>
    g.input({ name, type: 'float32', shape })
  const x = floats(SPECTRUM, [2 * size, size / 2 + 1, 3 * batch])
  const view = { top: index('top'), bottom: index('bottom'), left: index('left'), right: index('right') }
  const scale = image?.lowPass && floats('amplitudes', [2 * size, size / 2 + 1, 1])
  const rgb = imageOf(g, x, view, { size, window, icons: batch, image, scale })
  const seen = 'views' in transforms ? viewed(g, rgb, batch, size) : warped(g, rgb, batch, window)
  const { unit, radii } = addCentre(g, seen, classifier, layer, batch, inversion.input)
  const target = floats('target', [batch, layer.channels])
  const offset = centringOf(inversion) > 0 ? floats('offset', [1, layer.channels]) : undefined
  const each = objectiveGraph(g, unit, target, inversion.objective, offset)
  const sum = g.node('ReduceSum', [each], { keepdims: int(0) })
  const total = boundary ? g.sub(sum, boundaryPenalty(g, rgb, size, 3 * batch)) : sum
  const forward = g.build(`objective of ${layer.name}`, [{ name: total, type: 'float32', shape: [] }])
  const relu = redirect ? ({ redirectedWhile: EARLY } as const) : 'exact'
  return { graph: pruned(lower(gradient(forward, { of: total, wrt: [SPECTRUM], relu }))), each, radii }
}
