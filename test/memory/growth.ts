import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Holding, Watchable } from './watched.ts'

const Sample = z.object({ step: z.int(), rss: z.int(), tensors: z.int() })

/** What a process holds after so many steps. */
export type Sample = Holding & { readonly step: number }

export interface Course {
  readonly steps: number
  /** Steps between two samples. */
  readonly every: number
  readonly inverters?: number
  /** The small GoogLeNet of the tests, where there is none. */
  readonly model?: string
  readonly layer?: string
}

/**
 * V8 lets 100 MB of garbage come together, and its nurseries double over thousands of steps, until they have 16 MB:
 * either would hide what stays. So garbage is collected before every sample, and nurseries stay as small as they begin.
 */
const FLAGS = ['--expose-gc', '--max-semi-space-size=1']

/**
 * Makes steps on a runtime in a process of its own.
 * @throws Error with what the process printed when it failed
 */
export function samplesOf(
  runtime: Watchable,
  course: Course,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Sample[]> {
  const script = fileURLToPath(new URL('./one.ts', import.meta.url))
  const args = Object.entries(course).flatMap(([name, value]) => [`--${name}`, String(value)])
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...FLAGS, script, '--runtime', runtime, ...args],
      options,
      (failure, stdout, stderr) => {
        if (failure) return reject(new Error(`${runtime}: ${stderr.trim() || failure.message}`))
        const lines = stdout.trim().split('\n')
        resolve(lines.map(line => Sample.parse(JSON.parse(line))))
      },
    )
  })
}

/**
 * Bytes by which a process grows in a thousand steps: the median of the slopes between all pairs of samples (Theil and
 * Sen), which a single jump does not move. Heaps grow to their size, and icons of every size come by, in the first
 * steps: they do not count.
 * @param warmUp steps that do not count
 */
export function growth(samples: readonly Sample[], warmUp: number): number {
  const counted = samples.filter(({ step }) => step > warmUp)
  if (counted.length < 3)
    throw new RangeError(`${counted.length} samples after ${warmUp} steps are too few for a growth`)
  const slopes = counted.flatMap((a, i) => counted.slice(i + 1).map(b => (b.rss - a.rss) / (b.step - a.step)))
  return 1000 * slopes.sort((a, b) => a - b)[slopes.length >> 1]!
}
