import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { writeOutput } from '../files/output.ts'
import { extract, type Graph, type Shape, type ValueInfo } from '../onnx/graph.ts'
import type { ModelFile } from './file.ts'
import { graphNormalisation } from './graph-normalisation.ts'
import { findHeads } from './head.ts'
import { classifierOf } from './load.ts'
import { inSinglePrecision } from './precision.ts'
import { proposeLayers } from './propose-layers.ts'
import { type Extent, type Preprocessing, type Sidecar, sidecarPath } from './sidecar.ts'
import { requireKnownOperators } from './supported.ts'
import { imageInput, inColour } from './widen.ts'

/**
 * A sidecar for a model that has none: fields read from the graph, and guesses for the others. The guessed fields are
 * listed in `unconfirmed`, other possible values in `alternatives`.
 * @param options.manyLayers all outputs of blocks; a dozen by default
 * @throws UserError when the model cannot be used: it is not an image classifier, or has unsupported operators
 */
export function proposeSidecar(
  model: Pick<ModelFile, 'file' | 'hash' | 'graph'> & Partial<Pick<ModelFile, 'modules'>>,
  { manyLayers = false }: { readonly manyLayers?: boolean } = {},
): Sidecar {
  const { file, modules = new Map() } = model
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
  const network = {
    graph: inColour(graph, file, preprocessing.input.channels),
    ...{ input: input.name, logits: head!.logits, size, file, modules },
  }
  const layers = proposeLayers(network, manyLayers)
  return {
    ...base,
    layers: Object.fromEntries(layers.map(({ name, tensor }) => [name, tensor])),
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
