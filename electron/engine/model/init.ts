import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { LONGEST_LAYER_NAME } from '../../contract/values.ts'
import { visible } from '../../contract/visible.ts'
import { writeOutput } from '../files/output.ts'
import { simplify } from '../onnx/fold.ts'
import { consumers, extract, type Graph, type Node, type Shape, type ValueInfo } from '../onnx/graph.ts'
import type { ModelFile } from './file.ts'
import { type Geometry, measure } from './geometry.ts'
import { graphNormalisation } from './graph-normalisation.ts'
import { findHeads } from './head.ts'
import { classifierOf } from './load.ts'
import { inSinglePrecision } from './precision.ts'
import { type Extent, type Preprocessing, type Sidecar, sidecarPath } from './sidecar.ts'
import { requireKnownOperators } from './supported.ts'
import { imageInput, inColour, widen } from './widen.ts'

/**
 * A sidecar for a model that has none: fields read from the graph, and guesses for the others. The guessed fields are
 * listed in `unconfirmed`, other possible values in `alternatives`.
 * @throws UserError when the model cannot be used: it is not an image classifier, or has unsupported operators
 */
export function proposeSidecar(model: Pick<ModelFile, 'file' | 'hash' | 'graph'>): Sidecar {
  const { file } = model
  const graph = inSinglePrecision(model.graph)
  const input = imageInput(graph, file)
  const { height = 224, width = 224 } = sizesOf(input.shape)
  const size: Extent = { height, width }
  const shape = input.shape.with(1, typeof input.shape[1] === 'number' ? input.shape[1] : 3)
  requireKnownOperators(extract(graph, graph.outputs.slice(0, 1)), file)
  const [head, ...others] = findHeads(graph, { name: input.name, shape: [shape[0]!, shape[1]!, height, width] }, file)
  const preprocessing = proposePreprocessing(graph, input, size)
  const unconfirmed: Guess[] = []
  if (typeof input.shape[2] !== 'number' || typeof input.shape[3] !== 'number') unconfirmed.push(['input.size', []])
  unconfirmed.push(...preprocessing.guesses)
  if (others.length || !head!.activated) unconfirmed.push(['logits', others.map(({ logits }) => logits)])
  if (!head!.activated) unconfirmed.push(['probabilities', [head!.probabilities === 'softmax' ? 'sigmoid' : 'softmax']])
  unconfirmed.push(['labels', []])
  const base = {
    name: basename(file).replace(/\.onnx$/i, ''),
    input: preprocessing.input,
    logits: head!.logits,
    probabilities: head!.probabilities,
    license: 'unknown',
    source: 'unknown',
  }
  // Throws now if the model cannot be loaded.
  classifierOf(model, { ...base, layers: {} })
  return {
    ...base,
    layers: proposeLayers(inColour(graph, file, preprocessing.input.channels), input.name, head!.logits, size, file),
    unconfirmed: unconfirmed.map(([field]) => field),
    alternatives: Object.fromEntries(
      unconfirmed.filter(([, choices]) => choices.length).map(([field, choices]) => [field, [...choices]]),
    ),
  }
}

/** The lengths that a file fixes. */
function sizesOf([, , height, width]: Shape): Partial<Extent> {
  return {
    ...(typeof height === 'number' && { height }),
    ...(typeof width === 'number' && { width }),
  }
}

/**
 * Writes a sidecar beside its model, and never replaces an existing one.
 * @returns its path
 */
export async function writeSidecar(model: string, sidecar: Sidecar): Promise<string> {
  const file = sidecarPath(model)
  try {
    await writeOutput(file, `${JSON.stringify(sidecar, null, 2)}\n`, { fresh: true })
  } catch (error) {
    const { cause } = error instanceof UserError ? error : {}
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new UserError(`${file} exists already; delete or rename it to write a new one`, { cause })
    throw error
  }
  return file
}

type Json = NonNullable<Sidecar['alternatives']>[string][number]
type Triple = [number, number, number]

const NONE: Triple = [0, 0, 0]
const ONE: Triple = [1, 1, 1]

/** A guessed field, and other possible values. */
type Guess = readonly [field: string, alternatives: readonly Json[]]

interface Proposed {
  readonly input: Preprocessing
  readonly guesses: readonly Guess[]
}

/**
 * Proposes the preprocessing. A graph that starts with arithmetic normalises its images itself, and its constants
 * determine the range; LRN suggests Caffe; other models are assumed to come from PyTorch.
 */
function proposePreprocessing(graph: Graph, input: ValueInfo, { height, width }: Extent): Proposed {
  const common = { size: height === width ? height : ([height, width] as [number, number]), resize: 'stretch' as const }
  const resize: Guess[] = [['input.resize', ['crop']]]
  const normalisation = graphNormalisation(graph, input.name)
  if (normalisation) {
    const [black, white] = normalisation.range ?? [0, 255]
    const other: Json[] = normalisation.range ? [] : [[0, 1]]
    return {
      input: { ...common, channels: normalisation.channels ?? 'RGB', range: [black, white], mean: NONE, std: ONE },
      guesses: [
        ...(normalisation.channels ? [] : ([['input.channels', ['BGR']]] as const)),
        ...(normalisation.range
          ? []
          : ([
              ['input.range', other],
              ['input.mean', []],
              ['input.std', []],
            ] as const)),
        ...resize,
      ],
    }
  }
  const fields = ['input.range', 'input.mean', 'input.std']
  const caffe = graph.nodes.some(node => node.op === 'LRN')
  const grey = input.shape[1] === 1
  const range: [number, number] = caffe ? [0, 255] : [0, 1]
  const choices: Json[][] = [
    caffe
      ? [[0, 1]]
      : [
          [0, 255],
          [-1, 1],
        ],
    [[...NONE]],
    [[...ONE]],
  ]
  const scale: Pick<Preprocessing, 'channels' | 'mean' | 'std'> = grey
    ? { channels: 'RGB', mean: NONE, std: ONE }
    : caffe
      ? { channels: 'BGR', mean: [104, 117, 123], std: ONE }
      : { channels: 'RGB', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  return {
    input: { ...common, ...scale, range },
    guesses: [
      // Grey has no order.
      ...(grey ? [] : ([['input.channels', [caffe ? 'RGB' : 'BGR']]] as const)),
      ...fields.map((field, index) => [field, grey && index > 0 ? [] : choices[index]!] as const),
      ...resize,
    ],
  }
}

const JOINS = new Set(['Concat', 'Add', 'Sum'])
const ACTIVATIONS = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSwish', 'HardSigmoid', 'Tanh'])

/**
 * The ends of blocks: the joins of branches, after their activation where one follows directly, and the last value of
 * every resolution.
 */
function proposeLayers(
  graph: Graph,
  input: string,
  logits: string,
  size: Extent,
  file: string,
): Readonly<Record<string, string>> {
  const part = extract(widen(graph, size, file), [{ name: logits, type: 'float32', shape: [] }])
  const small = simplify(part)
  const geometry = measure(small, input, size)
  const readers = consumers(small)
  const ends = new Set<string>()
  const last = new Map<number, string>()
  for (const node of small.nodes) {
    const [value] = node.outputs
    const at = value === undefined ? undefined : geometry.get(value)
    if (value === undefined || !at || !isLayer(at, size)) continue
    const next = readers.get(value) ?? []
    const activated = next.length === 1 && ACTIVATIONS.has(next[0]!.op)
    if (!activated && isBlockEnd(node, small)) ends.add(value)
    if (!activated && !isPool(node)) last.set(at.height, value)
  }
  for (const value of last.values()) ends.add(value)
  const order = [...geometry.keys()].filter(value => ends.has(value))
  return Object.fromEntries(order.map(value => [aliasOf(value), value]))
}

/** At least two units each way, and fewer than the image has pixels. */
const isLayer = ({ height, width, receptiveField }: Geometry, size: Extent): boolean =>
  height > 1 && width > 1 && height < size.height && receptiveField > 1

const isPool = (node: Node): boolean => node.op.endsWith('Pool') || node.op === 'LRN'

function isBlockEnd(node: Node, graph: Graph): boolean {
  if (JOINS.has(node.op)) return node.inputs.every(name => !graph.initializers.has(name))
  if (!ACTIVATIONS.has(node.op)) return false
  const before = graph.nodes.find(other => other.outputs.includes(node.inputs[0]!))
  return before !== undefined && JOINS.has(before.op) && isBlockEnd(before, graph)
}

/**
 * GoogLeNet's blocks by their usual names; the tensor name otherwise, with control characters escaped, and the end of one
 * that is longer than a name may be.
 */
const aliasOf = (tensor: string): string => {
  const usual = visible(tensor.replace(/^inception_(\d[a-z])\/output$/, 'mixed$1'))
  return usual.length <= LONGEST_LAYER_NAME ? usual : `…${usual.slice(1 - LONGEST_LAYER_NAME)}`
}
