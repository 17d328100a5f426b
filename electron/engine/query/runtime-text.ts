import { z } from 'zod'
import { stored } from '../store/json.ts'

const Identity = z.object({ name: z.string(), library: z.string(), device: z.string(), threads: z.int() })

/**
 * The runtime that made an icon, for people: library, provider, device and threads.
 * @param text the runtime's identity as JSON, as rows of icons keep it; the first versions kept its name alone
 * @throws UserError where the row is damaged
 */
export function runtimeText(text: string): string {
  if (!text.startsWith('{')) return text
  const { name, library, device, threads } = stored(Identity, parsed(text), 'the runtime of an icon')
  return `${library} (${name}) on ${device}, ${threads === 1 ? '1 thread' : `${threads} threads`}`
}

/** The column may hold any text: what is not JSON has the wrong form too. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
