import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto, { type onnx } from 'onnx-proto'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { readTensor } from '../../electron/engine/onnx/read-tensor.ts'
import type { Tensor } from '../../electron/engine/onnx/tensor.ts'

/** Whether a case's inputs stay inputs, or all but the first become constants, as weights of a network are. */
export type Operands = 'inputs' | 'constants'

/** A case of the standard's suite, not yet read by the product. */
export interface StandardCase {
  readonly name: string
  /** Operators of the file's graph, before anything is rewritten. */
  readonly ops: readonly string[]
  readonly model: onnx.IModelProto
  /** The file with some operands. */
  readonly bytes: (operands: Operands) => Uint8Array
  readonly inputs: ReadonlyMap<string, Tensor>
  /** In the order of the graph's outputs; without those that the case omits. */
  readonly outputs: ReadonlyMap<string, Tensor>
}

/** The cases that `cases.py` has written into a folder. */
export const readCases = (folder: string): StandardCase[] =>
  readdirSync(folder)
    .filter(file => file.endsWith('.onnx'))
    .sort()
    .map(file => readCase(folder, file.slice(0, -'.onnx'.length)))

function readCase(folder: string, name: string): StandardCase {
  const decode = (file: string): onnx.ModelProto => onnxProto.onnx.ModelProto.decode(readFileSync(join(folder, file)))
  const model = decode(`${name}.onnx`)
  const protos = decode(`${name}.values`).graph?.initializer ?? []
  const inputNames = new Set((model.graph?.input ?? []).map(input => input.name))
  const values = protos.map(proto => [proto.name ?? '', readTensor(proto, { file: name })] as const)
  const constants = protos.filter(({ name }) => inputNames.has(name)).slice(1)
  return {
    name,
    ops: (model.graph?.node ?? []).map(node => (node.domain ? `${node.domain}.${node.opType}` : (node.opType ?? ''))),
    model,
    bytes: operands => {
      const graph = { ...model.graph, initializer: operands === 'constants' ? constants : [] }
      return onnxProto.onnx.ModelProto.encode({ ...model, graph }).finish()
    },
    inputs: new Map(values.filter(([name]) => inputNames.has(name))),
    outputs: new Map(values.filter(([name]) => !inputNames.has(name))),
  }
}

/** The graph as the product reads it. @throws UserError where it refuses */
export const graphOf = (standard: StandardCase, operands: Operands): Graph =>
  readGraph(standard.bytes(operands), { file: standard.name })
