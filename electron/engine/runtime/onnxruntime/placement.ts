import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { Fallbacks } from '../protocol.ts'

const Kernel = z.object({
  cat: z.literal('Node'),
  name: z.string().endsWith('_kernel_time'),
  args: z.looseObject({ provider: z.string() }),
})

/**
 * Reads, and removes, what ONNX Runtime's profiler left of one run: how many nodes, after fusion and with the copies
 * between device and CPU, another provider ran. Only its profiler tells.
 * @param profile  the beginning of the file's path
 * @param provider as ONNX Runtime calls it
 */
export async function placement(profile: string, provider: string): Promise<Fallbacks> {
  const name = (await readdir(dirname(profile))).find(file => file.startsWith(basename(profile)))
  if (name === undefined) throw new Error('the profiler of ONNX Runtime has left nothing')
  const file = join(dirname(profile), name)
  const events = z.array(z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')))
  await rm(file)
  const kernels = events.flatMap(event => Kernel.safeParse(event).data?.args.provider ?? [])
  return { nodes: kernels.filter(other => other !== provider).length, of: kernels.length }
}
