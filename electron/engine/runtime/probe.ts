import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { RuntimeName } from '../../contract/runtimes.ts'

/** How long a runtime may take to start and add two numbers, in milliseconds. */
const PATIENCE = 60_000

const Reply = z.union([z.object({ library: z.string(), device: z.string() }), z.object({ error: z.string() })])

/** Tries a runtime in a process of its own. @returns what it is, or one sentence on why it does not start */
export function probe(name: RuntimeName): Promise<z.infer<typeof Reply>> {
  const script = fileURLToPath(new URL('./probe.child.ts', import.meta.url))
  return new Promise(resolve => {
    execFile(process.execPath, [script, name], { timeout: PATIENCE }, (failure, stdout) => {
      const told = Reply.safeParse(parsed(stdout.trim().split('\n').at(-1) ?? ''))
      if (told.success) return resolve('error' in told.data ? { error: plain(told.data.error) } : told.data)
      const end = failure?.killed ? `does not answer in ${PATIENCE / 1000} s` : 'ends its process when it is started'
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

/** A library's words, without the place in its sources. */
function plain(words: string): string {
  if (/failed to get a webgpu adapter/i.test(words)) return 'there is no device that WebGPU could use'
  const line = words.split('\n').find(part => part.trim() !== '') ?? words
  return line.replace(/^.*? was false\. /, '').slice(0, 300)
}
