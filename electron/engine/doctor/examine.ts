import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Measurement, type RuntimeName } from '../../contract/runtimes.ts'
import { type Fallbacks, FallbacksLine, IdentityLine, RowLine } from '../conformance/lines.ts'
import { passes } from '../conformance/suite.ts'

const Line = z.union([IdentityLine, z.object({ measurement: Measurement }), FallbacksLine, RowLine])

export interface Examination {
  readonly name: RuntimeName
  readonly title: string
  readonly library: string | null
  readonly device: string | null
  readonly rows: readonly z.infer<typeof RowLine>[]
  /** Milliseconds of a pass and of a step; null where it ended before. */
  readonly measurement: Measurement | null
  /** Nodes of the last program that the provider left to the CPU. */
  readonly fallbacks: z.infer<typeof Fallbacks>
  /** Why not all was examined: one sentence; null: all was. */
  readonly ended: string | null
  readonly seconds: number
}

/** Whether all was examined, and agrees with the CPU. */
export const healthy = ({ ended, rows, measurement }: Examination): boolean =>
  ended === null &&
  measurement?.refused === null &&
  rows.every(row => row.difference !== null && passes({ ...row, difference: row.difference }))

const LAST_LINES = 5

/**
 * Examines a runtime in a process of its own, which may crash.
 * @param model the file of a network with its sidecar
 * @param milliseconds after which it is stopped; what it has found by then is kept
 */
export async function examine(
  { name, title }: Pick<Examination, 'name' | 'title'>,
  model: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<Examination> {
  const began = performance.now()
  const script = fileURLToPath(new URL('./examine.child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, name, model], { stdio: ['ignore', 'pipe', 'pipe'] })
  let late = false
  const stop = (): void => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    late = true
    stop()
  }, milliseconds)
  signal.addEventListener('abort', stop, { once: true })
  const errors: string[] = []
  createInterface(child.stderr).on('line', line => errors.push(line))
  const lines: z.infer<typeof Line>[] = []
  createInterface(child.stdout).on('line', text => {
    const line = Line.safeParse(parsed(text))
    if (line.success) lines.push(line.data)
  })
  const [code, killed] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
    child.on('error', error => errors.push(error.message))
    child.on('close', (...how) => resolve(how))
  })
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  const identity = lines.flatMap(line => ('identity' in line ? [line.identity] : []))[0]
  const why = errors.filter(line => line.trim() !== '').slice(-LAST_LINES)
  return {
    ...{ name, title, library: identity?.library ?? null, device: identity?.device ?? null },
    rows: lines.flatMap(line => ('check' in line ? [line] : [])),
    measurement: lines.flatMap(line => ('measurement' in line ? [line.measurement] : []))[0] ?? null,
    fallbacks: lines.flatMap(line => ('fallbacks' in line ? [line.fallbacks] : []))[0] ?? null,
    ended: late
      ? `it was stopped after ${Math.round(milliseconds / 1000)} s`
      : code === 0
        ? null
        : `its process ended with ${killed ?? code}${why.length > 0 ? `: ${why.join(' / ')}` : ''}`,
    seconds: (performance.now() - began) / 1000,
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
