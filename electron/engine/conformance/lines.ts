import { z } from 'zod'
import { CHECKS } from './suite.ts'

/** The lines, in JSON, that a process prints that runs the suite on one runtime. */

export const IdentityLine = z.object({ identity: z.object({ library: z.string(), device: z.string() }) })

/** Nodes of the last program that the provider left to the CPU. */
export const Fallbacks = z.object({ nodes: z.int(), of: z.int() }).nullable()
export const FallbacksLine = z.object({ fallbacks: Fallbacks })

/** A difference from the CPU, and the largest that counts as rounding. */
export const RowLine = z.object({
  network: z.string(),
  layer: z.string(),
  check: z.enum(CHECKS),
  // JSON has no infinity: null.
  difference: z.number().nullable(),
  tolerance: z.number(),
  seconds: z.number(),
})
