import { readFileSync } from 'node:fs'
import type { EngineClient } from '../fixtures/engine-client.ts'

/** Resident bytes of the engine during and after some work. */
export interface Held {
  readonly before: number
  readonly peak: number
  /** Minimum in the seconds after the work. */
  readonly after: number
  readonly seconds: number
}

/** Milliseconds between two measurements. */
const EVERY = 50
/** Seconds in which memory may be returned: V8 collects old garbage when it is idle. */
const SETTLING = 15

/** Resident bytes of a process. Linux only. */
export const residentBytes = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])

/** Does some work on an engine, and measures its process during and after it. Linux only. */
export async function weighed(engine: EngineClient, work: () => Promise<unknown>): Promise<Held> {
  const resident = (): number => residentBytes(engine.child.pid!)
  const before = resident()
  let peak = before
  const look = setInterval(() => {
    peak = Math.max(peak, resident())
  }, EVERY)
  const begun = performance.now()
  await work().finally(() => clearInterval(look))
  const seconds = (performance.now() - begun) / 1000
  let after = resident()
  for (let second = 0; second < SETTLING; second++) {
    await new Promise(resolve => setTimeout(resolve, 1000))
    after = Math.min(after, resident())
  }
  return { before, peak, after, seconds }
}

export const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
export const memoryText = (what: string, { before, peak, after, seconds }: Held): string =>
  `${what}: ${mib(before)}, at most ${mib(peak)}, ${mib(after)} afterwards, in ${seconds.toFixed(0)} s`
