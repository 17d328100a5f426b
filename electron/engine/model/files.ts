import { dirname, join } from 'node:path'
import onnxProto, { type onnx } from 'onnx-proto'
import { UserError } from '../../contract/errors.ts'
import { readRegular } from '../images/read.ts'
import { LARGEST_MODEL } from '../onnx/limits.ts'
import { readSidecar, sidecarPath } from './sidecar.ts'

/**
 * The files that a model consists of: the graph, its external data, the sidecar and the label file. What cannot be read
 * is left out: it is for `loadClassifier` to say so.
 */
export async function modelFiles(model: string): Promise<readonly string[]> {
  const beside = (name: string): string => join(dirname(model), name)
  const data = await readRegular(model, LARGEST_MODEL).then(dataFiles, () => [])
  const labels = await readSidecar(model).then(
    sidecar => (typeof sidecar.labels === 'string' ? [sidecar.labels] : []),
    error => {
      if (error instanceof UserError) return []
      throw error
    },
  )
  return [model, sidecarPath(model), ...[...data, ...labels].map(beside)]
}

/** Names of the files that hold tensors of a graph. */
function dataFiles(bytes: Uint8Array): readonly string[] {
  const found = new Set<string>()
  const look = (graph: onnx.IGraphProto | null | undefined): void => {
    const attributes = (graph?.node ?? []).flatMap(({ attribute }) => attribute ?? [])
    const tensors = [...(graph?.initializer ?? []), ...attributes.flatMap(({ t, tensors }) => [t, ...(tensors ?? [])])]
    for (const tensor of tensors)
      for (const { key, value } of tensor?.externalData ?? []) if (key === 'location' && value) found.add(value)
    for (const { g, graphs } of attributes) for (const inner of [g, ...(graphs ?? [])]) if (inner) look(inner)
  }
  try {
    look(onnxProto.onnx.ModelProto.decode(bytes).graph)
  } catch {
    // No model: nothing belongs to it.
  }
  return [...found]
}
