/**
 * The thread in which ONNX Runtime runs on the CPU: its `run` blocks. One request at a time, in the order of
 * arrival.
 */
import { workerData } from 'node:worker_threads'
import { env, InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import type { Weight } from '../../onnx/write.ts'
import type { WorkerSettings } from '../protocol.ts'
import { serve } from '../serve.ts'
import { fromOrt, toOrt } from './tensors.ts'

const { threads } = workerData as WorkerSettings
/**
 * Bytes of weights from which ONNX Runtime keeps no second copy of them, arranged for its kernels: it halves the memory of
 * a session, and each run rearranges them.
 */
const LARGE = 2 ** 28
const weigh = (weights: readonly Weight[]): number => weights.reduce((sum, { data }) => sum + data.byteLength, 0)

const states = new Map<number, Map<string, OrtTensor>>()

await serve<InferenceSession>(async () => ({
  name: `onnxruntime-node ${env.versions.node ?? ''}`.trim(),
  open: (model, _, weights) =>
    InferenceSession.create(model, {
      ...(weights.length > 0 && { externalData: weights }),
      ...(weigh(weights) >= LARGE && { extra: { session: { disable_prepacking: '1' } } }),
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // The arena saves some 5 % on large batches. Memory patterns save nothing, and store a plan for every shape.
      enableCpuMemArena: true,
      enableMemPattern: false,
      // Errors come as exceptions; printing them, too, would disturb the command line's output.
      logSeverityLevel: 4,
    }),
  close: session => session.release(),
  forget: program => void states.delete(program),
  run: async (session, request) => {
    const state = states.get(request.program) ?? new Map<string, OrtTensor>()
    const feeds: Record<string, OrtTensor> = {}
    for (const name of session.inputNames) {
      const fed = request.feeds[name]
      const tensor = fed ? toOrt(fed) : state.get(name)
      if (!tensor) throw new Error(`the input "${name}" has no state yet: feed it first`)
      feeds[name] = tensor
    }
    const stateOutputs = Object.keys(request.state)
    const results = await session.run(feeds, [...new Set([...request.fetches, ...stateOutputs])])
    for (const [output, input] of Object.entries(request.state)) state.set(input, results[output]!)
    if (stateOutputs.length) states.set(request.program, state)
    const stateData = new Set([...state.values()].map(tensor => tensor.data))
    return Object.fromEntries(
      request.fetches.map(name => [name, fromOrt(results[name]!, stateData.has(results[name]!.data))] as const),
    )
  },
}))
