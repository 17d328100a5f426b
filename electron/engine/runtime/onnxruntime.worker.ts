/**
 * The thread in which ONNX Runtime runs: its `run` blocks. One request at a time, in the order in which they come.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { reason } from '../../contract/errors.ts'
import type { Tensor } from '../onnx/tensor.ts'
import { Gate } from './gate.ts'
import type { Ready, Reply, Request, SessionRequest, WorkerSettings } from './protocol.ts'

const settings = workerData as WorkerSettings
const gate = new Gate(settings.gate)
const port = parentPort as MessagePort
const sessions = new Map<number, InferenceSession>()
const states = new Map<number, Map<string, OrtTensor>>()

async function closeSessions(ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await sessions.get(id)?.release()
    sessions.delete(id)
  }
}

async function sessionOf({ session, model, close }: SessionRequest): Promise<InferenceSession> {
  await closeSessions(close)
  const open = sessions.get(session)
  if (open) return open
  if (!model) throw new Error('the session is not open')
  const opened = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // The arena saves some 5 % on large batches. Memory patterns save nothing, and keep a plan for every shape seen.
    enableCpuMemArena: true,
    enableMemPattern: false,
    // Errors come as exceptions; printing them, too, would disturb the command line's output.
    logSeverityLevel: 4,
  })
  sessions.set(session, opened)
  return opened
}

const toOrt = (tensor: Tensor): OrtTensor => {
  switch (tensor.type) {
    case 'bool':
      return new OrtTensor('bool', tensor.data, tensor.dims)
    case 'int64':
      return new OrtTensor('int64', tensor.data, tensor.dims)
    case 'float16':
      throw new Error('half precision is stored, never run')
    default:
      return new OrtTensor(tensor.type, tensor.data, tensor.dims)
  }
}

/** @param keep whether the data stay in use here, so that the result needs its own */
function fromOrt({ type, data, dims }: OrtTensor, keep: boolean): Tensor {
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'float64' && data instanceof Float64Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int32' && data instanceof Int32Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int8' && data instanceof Int8Array) return { type, dims, data: keep ? data.slice() : data }
  if ((type === 'bool' || type === 'uint8') && data instanceof Uint8Array)
    return { type, dims, data: keep ? data.slice() : data }
  throw new Error(`cannot take a result of type ${type}`)
}

async function run(request: Extract<Request, { ask: 'run' }>): Promise<Record<string, Tensor>> {
  const session = await sessionOf(request.session)
  const state = states.get(request.program) ?? new Map<string, OrtTensor>()
  const feeds: Record<string, OrtTensor> = {}
  for (const name of session.inputNames) {
    const fed = request.feeds[name]
    const tensor = fed ? toOrt(fed) : state.get(name)
    if (!tensor) throw new Error(`the input "${name}" has no state yet: feed it first`)
    feeds[name] = tensor
  }
  const kept = Object.keys(request.state)
  const results = await session.run(feeds, [...new Set([...request.fetches, ...kept])])
  for (const [output, input] of Object.entries(request.state)) state.set(input, results[output]!)
  if (kept.length) states.set(request.program, state)
  const held = new Set([...state.values()].map(tensor => tensor.data))
  return Object.fromEntries(
    request.fetches.map(name => [name, fromOrt(results[name]!, held.has(results[name]!.data))] as const),
  )
}

async function answer(request: Request): Promise<Reply> {
  try {
    if (request.ask === 'run') return { id: request.id, tensors: await run(request) }
    if (request.ask === 'prepare') await sessionOf(request.session)
    else {
      states.delete(request.program)
      await closeSessions(request.close)
    }
    return { id: request.id, tensors: {} }
  } catch (error) {
    return { id: request.id, error: reason(error) }
  }
}

/** The array buffers of some tensors, each once. */
const buffers = (tensors: readonly Tensor[]): ArrayBuffer[] => [
  ...new Set(tensors.map(tensor => tensor.data.buffer).filter(buffer => buffer instanceof ArrayBuffer)),
]

let last: Promise<void> = Promise.resolve()
port.on('message', (request: Request) => {
  last = last.then(async () => {
    const reply = await gate
      .pass(() => answer(request))
      .catch((error: unknown): Reply => ({ id: request.id, error: reason(error) }))
    port.postMessage(reply, 'tensors' in reply ? buffers(Object.values(reply.tensors)) : [])
  })
})

const ready: Ready = { library: `onnxruntime-node ${env.versions.node ?? ''}`.trim() }
port.postMessage(ready)
