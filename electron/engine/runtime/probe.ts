import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { RuntimeName } from '../../contract/runtimes.ts'

/** Maximum time for a runtime to start and add two numbers, in milliseconds. */
const TIMEOUT = 60_000

const Reply = z.union([z.object({ library: z.string(), device: z.string() }), z.object({ error: z.string() })])

/** Starts a runtime in a separate process. @returns its description, or one sentence on why it does not start */
export function probe(name: RuntimeName): Promise<z.infer<typeof Reply>> {
  const script = fileURLToPath(new URL('./probe.child.ts', import.meta.url))
  return new Promise(resolve => {
    execFile(process.execPath, [script, name], { timeout: TIMEOUT }, (failure, stdout) => {
      const reply = Reply.safeParse(parsed(stdout.trim().split('\n').at(-1) ?? ''))
      if (reply.success) return resolve('error' in reply.data ? { error: plain(reply.data.error) } : reply.data)
      const end = failure?.killed ? `does not respond in ${TIMEOUT / 1000} s` : 'crashes its process when it starts'
      resolve({ error: `its library ${end}` })
    })
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A library's message, without the position in its sources. */
function plain(words: string): string {
  if (/failed to get a webgpu adapter/i.test(words)) return 'WebGPU found no usable device'
  const line = words.split('\n').find(part => part.trim() !== '') ?? words
  return line.replace(/^.*? was false\. /, '').slice(0, 300)
}
