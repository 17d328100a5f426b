import { readFileSync } from 'node:fs'
import { z } from 'zod'

let read: string | undefined

/** Of this Portolan. */
export const version = (): string => {
  read ??= readVersion()
  return read
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version
}

/** What made a file: `Portolan version 0.1.0`. */
export const programName = (): string => `Portolan version ${version()}`
