import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { RuntimeName } from '../../electron/contract/runtimes.ts'
import { FallbacksLine, IdentityLine, RowLine } from '../../electron/engine/conformance/lines.ts'
import type { Row } from '../../electron/engine/conformance/suite.ts'

const Line = z.union([IdentityLine, RowLine, FallbacksLine])

export interface Report {
  readonly library: string
  readonly device: string
  readonly rows: readonly Row[]
  readonly fallbacks: { readonly nodes: number; readonly of: number } | null
}

/**
 * Runs the suite on one runtime in a process of its own.
 * @throws Error with what the process printed when it failed
 */
export function conformance(
  runtime: RuntimeName,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const script = fileURLToPath(new URL('./one.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 }
    execFile(process.execPath, [script, '--runtime', runtime, ...args], options, (failure, stdout, stderr) => {
      if (failure) return reject(new Error(`${runtime}: ${stderr.trim() || failure.message}`))
      const lines = stdout
        .trim()
        .split('\n')
        .map(line => Line.parse(JSON.parse(line)))
      const identity = lines.flatMap(line => ('identity' in line ? [line.identity] : []))[0]!
      const rows = lines.flatMap(line =>
        'check' in line ? [{ ...line, difference: line.difference ?? Number.POSITIVE_INFINITY }] : [],
      )
      const fallbacks = lines.flatMap(line => ('fallbacks' in line ? [line.fallbacks] : []))[0] ?? null
      resolve({ ...identity, rows, fallbacks })
    })
  })
}
