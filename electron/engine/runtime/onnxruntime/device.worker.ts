/**
 * The thread in which ONNX Runtime drives a device. A program's state stays in the device's memory where the provider
 * supports that; everything else is uploaded and downloaded in every run.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import { env, InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import { GraphBuilder } from '../../onnx/builder.ts'
import { writeGraph } from '../../onnx/write.ts'
import type { Fallbacks } from '../protocol.ts'
import { serve } from '../serve.ts'
import { placement } from './placement.ts'
import { type DeviceSettings, REPORTED, sessionOptions } from './providers.ts'
import { fromOrt, toOrt } from './tensors.ts'

const settings = workerData as DeviceSettings
const states = new Map<number, Map<string, OrtTensor>>()
/** Sessions that download tensors of the device, by their number of axes. */
const downloads = new Map<number, InferenceSession>()

/** Only tensors of the device: the others are JavaScript arrays. */
const dispose = (tensor: OrtTensor | undefined): void => {
  if (tensor?.location === 'gpu-buffer') tensor.dispose()
}

async function downloaded(tensor: OrtTensor): Promise<OrtTensor> {
  if (tensor.location !== 'gpu-buffer') return tensor
  const rank = tensor.dims.length
  let session = downloads.get(rank)
  if (!session) {
    const g = new GraphBuilder()
    const shape = tensor.dims.map((_, axis) => `d${axis}`)
    g.input({ name: 'x', type: 'float32', shape })
    g.append({ op: 'Identity', domain: '', name: 'y', inputs: ['x'], outputs: ['y'], attributes: {} })
    const graph = g.build('download', [{ name: 'y', type: 'float32', shape }])
    session = await InferenceSession.create(writeGraph(graph), sessionOptions(settings))
    downloads.set(rank, session)
  }
  return (await session.run({ x: tensor })).y!
}

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

interface Session {
  readonly session: InferenceSession
  /** Folder that the profiler writes to during the first run; removed after it. */
  readonly profile: string
  fallbacks?: Fallbacks
  /** Whether results are bound to locations, so that all of them must be fetched. */
  readonly bound: boolean
}

await serve<Session>(async () => ({
  name: `onnxruntime-node ${env.versions.node ?? ''}`.trim(),
  open: async (model, stateOutputs) => {
    const bound = settings.provider === 'webgpu' && stateOutputs.length > 0
    const options = sessionOptions(settings)
    const profile = await mkdtemp(join(tmpdir(), 'portolan-profile-'))
    const places = Object.fromEntries(stateOutputs.map(name => [name, 'gpu-buffer'] as const))
    try {
      const session = await InferenceSession.create(model, {
        ...options,
        ...(bound && { preferredOutputLocation: places }),
        enableProfiling: true,
        profileFilePrefix: join(profile, 'run'),
      })
      return { session, profile, bound }
    } catch (error) {
      await remove(profile)
      throw error
    }
  },
  close: async ({ session, profile }) => {
    await session.release()
    await remove(profile)
  },
  forget: program => {
    for (const tensor of states.get(program)?.values() ?? []) dispose(tensor)
    states.delete(program)
  },
  fallbacks: ({ fallbacks }) => fallbacks,
  run: async (opened, { program, feeds: fed, fetches, state: keep }) => {
    const { session, bound } = opened
    const state = states.get(program) ?? new Map<string, OrtTensor>()
    const feeds: Record<string, OrtTensor> = {}
    for (const name of session.inputNames) {
      const tensor = fed[name] ? toOrt(fed[name]) : state.get(name)
      if (!tensor) throw new Error(`the input "${name}" has no state yet: feed it first`)
      feeds[name] = tensor
    }
    const stateOutputs = Object.keys(keep)
    const results = await session.run(feeds, bound ? session.outputNames : [...new Set([...fetches, ...stateOutputs])])
    if (!opened.fallbacks) {
      session.endProfiling()
      opened.fallbacks = await placement(opened.profile, REPORTED[settings.provider])
      await remove(opened.profile)
    }
    for (const [output, input] of Object.entries(keep)) {
      const before = state.get(input)
      state.set(input, results[output]!)
      dispose(before)
    }
    if (stateOutputs.length) states.set(program, state)
    const stateData = new Set([...state.values()].filter(({ location }) => location === 'cpu').map(({ data }) => data))
    const returned: [string, ReturnType<typeof fromOrt>][] = []
    for (const name of fetches) {
      const tensor = await downloaded(results[name]!)
      returned.push([name, fromOrt(tensor, stateData.has(tensor.data))])
    }
    return Object.fromEntries(returned)
  },
}))
