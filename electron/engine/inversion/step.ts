import type { Inversion } from '../../contract/inversion.ts'
import { lower } from '../autodiff/lower.ts'
import { gradient, gradientOf } from '../autodiff/reverse.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { append } from '../onnx/compose.ts'
import { int, pruned } from '../onnx/graph.ts'
import { adamGraph } from './adam.ts'
import { activationGraph, type Centred, IMAGE } from './answer.ts'
import { boundaryGradient } from './boundary.ts'
import { atCentre } from './centre.ts'
import { SpectrumImage } from './image.ts'
import { objectiveGraph } from './objective.ts'
import { windowEdge } from './transform.ts'
import { Warp } from './warp.ts'

/** Outputs of a step that are fed to the next one. They stay where the graph runs. */
export const STEP_STATE = { 'spectrum.next': 'spectrum', 'first.next': 'first', 'second.next': 'second' } as const

/** Edge of the part of the image that a step computes: the boundary penalty looks at all of it. */
export const stepWindow = ({ boundary, size, transforms }: Inversion): number =>
  boundary ? size : windowEdge(size, transforms)

/**
 * One optimisation step for a whole batch of icons, as one graph that crosses into the runtime once:
 * spectrum → image → transform → network → objective → gradient → Adam.
 *
 * Inputs: the state (spectrum and both moments of Adam, [2·size, size/2+1, 3N]), `target` [N, channels], `rate` and
 * `spread` of Adam, the centre (`centreFeeds`), the window and the transform (`warpFeeds`);
 * with `redirect` also `early`, true in the steps in which gradients pass through ReLUs that are off.
 * Outputs: the state's successors, and `objective` [N].
 */
export function stepGraph(classifier: Classifier, layer: Layer, inversion: Inversion): Centred {
  const { size, batch } = inversion
  const window = stepWindow(inversion)
  const g = new GraphBuilder()
  const state = [2 * size, size / 2 + 1, 3 * batch]
  const floats = (name: string, shape: readonly (number | string)[]): string =>
    g.input({ name, type: 'float32', shape })
  const index = (name: string): string => g.input({ name, type: 'int64', shape: [1] })
  const x = floats('spectrum', state)
  const m = floats('first', state)
  const v = floats('second', state)
  const view = { top: index('top'), bottom: index('bottom'), left: index('left'), right: index('right') }
  const image = new SpectrumImage(g, size, batch, window, view)
  const warp = new Warp(g, batch, window)
  const rgb = image.forward(x)
  const { graph, reaches } = networkGradient(classifier, layer, inversion)
  const wires = Object.fromEntries(
    graph.inputs.map(input => [input.name, input.name === IMAGE ? warp.forward(rgb) : g.input(input)]),
  )
  const network = append(g, graph, wires, 'network/')
  const slope = warp.reverse(network[gradientOf(IMAGE)]!)
  const gradient = inversion.boundary ? g.add(slope, boundaryGradient(g, rgb, size, 3 * batch)) : slope
  const next = adamGraph(
    g,
    { x, m, v, gradient: image.reverse(gradient, rgb) },
    { rate: floats('rate', []), spread: floats('spread', []) },
  )
  const output = (name: string, value: string, shape: readonly number[]) => {
    g.append({ op: 'Identity', domain: '', name, inputs: [value], outputs: [name], attributes: {} })
    return { name, type: 'float32', shape } as const
  }
  const step = g.build(`step of ${layer.name}`, [
    output('spectrum.next', next.x, state),
    output('first.next', next.m, state),
    output('second.next', next.v, state),
    output('objective', network[OBJECTIVE]!, [batch]),
  ])
  return { graph: step, reaches }
}

const OBJECTIVE = 'objective'
const EARLY = 'early'

/** Network and objective with their gradient, for images of any height and width: → OBJECTIVE [N], gradient of IMAGE. */
function networkGradient(classifier: Classifier, layer: Layer, { objective, batch, redirect }: Inversion): Centred {
  const { g, unit, reaches } = atCentre(activationGraph(classifier, layer, batch), layer.tensor, batch, layer.channels)
  const target = g.input({ name: 'target', type: 'float32', shape: [batch, layer.channels] })
  const each = objectiveGraph(g, unit, target, objective)
  g.append({ op: 'Identity', domain: '', name: OBJECTIVE, inputs: [each], outputs: [OBJECTIVE], attributes: {} })
  const sum = g.node('ReduceSum', [each], { keepdims: int(0) })
  if (redirect) g.input({ name: EARLY, type: 'bool', shape: [] })
  const forward = g.build(`objective of ${layer.name}`, [
    { name: sum, type: 'float32', shape: [] },
    { name: OBJECTIVE, type: 'float32', shape: [batch] },
  ])
  const relu = redirect ? ({ redirectedWhile: EARLY } as const) : 'exact'
  return { graph: pruned(lower(gradient(forward, { of: sum, wrt: [IMAGE], relu }))), reaches }
}
