/** Runs a graph once with ONNX Runtime's profiler, and tells which provider ran how many of its nodes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { InferenceSession } from 'onnxruntime-node'
import { z } from 'zod'
import { reason } from '../../contract/errors.ts'
import type { Tensor } from '../onnx/tensor.ts'
import { toOrt } from './ort-tensors.ts'
import { type Provider, REPORTED, sessionOptions } from './providers.ts'

const Event = z.object({ cat: z.string(), name: z.string(), args: z.record(z.string(), z.unknown()).default({}) })

interface Asked {
  readonly provider: Provider
  readonly model: Uint8Array
  readonly feeds: Readonly<Record<string, Tensor>>
}

async function placement({ provider, model, feeds }: Asked): Promise<{ nodes: number; of: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-profile-'))
  try {
    const session = await InferenceSession.create(model, {
      ...sessionOptions({ provider, threads: 1 }),
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    })
    await session.run(Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)])))
    session.endProfiling()
    await session.release()
    const [file] = await readdir(folder)
    if (file === undefined) throw new Error('the profiler of ONNX Runtime has left nothing')
    const events = z.array(z.looseObject({})).parse(JSON.parse(await readFile(join(folder, file), 'utf8')))
    const kernels = events
      .map(event => Event.safeParse(event))
      .flatMap(({ data }) => (data?.cat === 'Node' && data.name.endsWith('_kernel_time') ? [data.args.provider] : []))
    return { nodes: kernels.filter(name => name !== REPORTED[provider]).length, of: kernels.length }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const port = parentPort as MessagePort
try {
  port.postMessage(await placement(workerData as Asked))
} catch (error) {
  port.postMessage({ error: reason(error) })
}
