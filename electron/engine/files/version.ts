import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Of this Portolan. */
export function version(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version
}

/** What made a file: `Portolan version 0.1.0`. */
export const programName = (): string => `Portolan version ${version()}`
