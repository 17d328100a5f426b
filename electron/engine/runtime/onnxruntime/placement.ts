import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Fallbacks } from '../protocol.ts'

const Kernel = z.object({
  cat: z.literal('Node'),
  name: z.string().endsWith('_kernel_time'),
  args: z.looseObject({ provider: z.string() }),
})

/**
 * Reads the profile of one run: how many nodes, after fusion and with the copies between device and CPU, another
 * provider ran. Only ONNX Runtime's profiler reports that.
 * @param folder   that only the profiler wrote to
 * @param provider ONNX Runtime's name of it
 */
export async function placement(folder: string, provider: string): Promise<Fallbacks> {
  const [name] = await readdir(folder)
  if (name === undefined) throw new Error('the profiler of ONNX Runtime wrote no file')
  const events = z.array(z.unknown()).parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
  const kernels = events.flatMap(event => Kernel.safeParse(event).data?.args.provider ?? [])
  return { nodes: kernels.filter(other => other !== provider).length, of: kernels.length }
}
