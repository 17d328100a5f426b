import { z } from 'zod'
import { verdicts } from '../statistics/decision.ts'

/** A number with its 95 % interval. */
const Interval = z.object({ value: z.number(), low: z.number(), high: z.number() }).readonly()

/** A part of a claim: one class of several, one patch of several, one group or cell. */
const Part = z
  .object({
    name: z.string(),
    effect: Interval.nullable(),
    photographs: z.int().min(0),
    holds: z.boolean(),
    /** What else is known of it, in words. */
    note: z.string().nullable(),
  })
  .readonly()
export type Part = z.infer<typeof Part>

/** A claim that was tested, or could not be. */
export const Claim = z
  .object({
    id: z.string(),
    kind: z.enum(['patch', 'flips', 'shared', 'parts', 'comparison', 'class atlas']),
    /** The claim, in one sentence. */
    statement: z.string(),
    layer: z.string().nullable(),
    /** What is measured, with its unit. */
    outcome: z.string(),
    /** Above the control that it exceeds by the smallest amount; null where nothing could be measured. */
    effect: Interval.nullable(),
    /** The difference to each control. */
    controls: z.array(z.object({ name: z.string(), difference: Interval }).readonly()).readonly(),
    /** Photographs that the effect is of, and how they were found. */
    photographs: z.int().min(0),
    found: z.string(),
    /** The smallest effect that would matter. */
    relevant: z.number(),
    /** Probability of confirming it with these photographs. */
    power: z.number(),
    verdict: z.enum(verdicts),
    /** Photographs that would confirm it with a probability of .8, and of what; null where the spread is unknown. */
    needed: z.object({ photographs: z.int(), of: z.string() }).readonly().nullable(),
    parts: z.array(Part).readonly(),
  })
  .readonly()
export type Claim = z.infer<typeof Claim>

/** What was tested on one network. */
export const NetworkClaims = z
  .object({
    model: z.string(),
    name: z.string(),
    photographs: z.int().min(0),
    samples: z.int().min(0),
    layers: z.object({ early: z.string(), middle: z.string(), late: z.string() }).readonly(),
    claims: z.array(Claim).readonly(),
    /** Claims about a class that the network lacks, with the synset. */
    left: z.array(z.object({ statement: z.string(), missing: z.string() }).readonly()).readonly(),
    unreadable: z.array(z.object({ file: z.string(), reason: z.string() }).readonly()).readonly(),
  })
  .readonly()
export type NetworkClaims = z.infer<typeof NetworkClaims>
