/** The thread of TensorFlow, which WebAssembly and the native binding block. */
import { workerData } from 'node:worker_threads'
import { readGraph } from '../../onnx/read.ts'
import { serve } from '../serve.ts'
import { loadTensorflow } from './load.ts'
import type { TensorflowKind } from './packages.ts'
import { dispose, TensorflowProgram } from './program.ts'
import type { Value } from './value.ts'

const { kind } = workerData as { readonly kind: TensorflowKind | undefined }
const states = new Map<number, Map<string, Value>>()

await serve<TensorflowProgram>(async () => {
  const { library } = await loadTensorflow(kind)
  return {
    name: library,
    open: async model => new TensorflowProgram(readGraph(model, { file: 'graph', folder: '.' })),
    close: async program => program.dispose(),
    forget: program => {
      for (const value of states.get(program)?.values() ?? []) dispose(value)
      states.delete(program)
    },
    run: async (program, request) => {
      const state = states.get(request.program) ?? new Map<string, Value>()
      if (Object.keys(request.state).length > 0) states.set(request.program, state)
      return program.run(request, state)
    },
  }
})
