import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** Another process that runs one of the scripts beside the tests, and talks in lines. */
export interface Child {
  readonly process: ChildProcess
  /** Lines that came and were not taken yet. */
  readonly lines: string[]
  /** The next line, waited for. */
  readonly line: () => Promise<string>
  /** SIGKILL, and waits until the process has gone. */
  readonly kill: () => Promise<void>
  /** Waits for its end. @returns exit status */
  readonly ended: () => Promise<number | null>
}

export const startChild = (script: string, ...args: readonly string[]): Child => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => lines.push(line))
  const exit = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    await exit
  }
  onTestFinished(kill)
  const line = async (): Promise<string> => {
    if (lines.length === 0) await Promise.race([once(reader, 'line'), exit])
    const first = lines.shift()
    if (first === undefined) throw new Error(`${script} ended with status ${child.exitCode} and no further line`)
    return first
  }
  const ended = async () => {
    await exit
    return child.exitCode
  }
  return { process: child, lines, line, kill, ended }
}
