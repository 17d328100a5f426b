import { z } from 'zod'
import { StoredLabels } from '../../contract/cell-labels.ts'
import { ClassAtlasSelection } from '../../contract/class-selection.ts'
import { ExperimentPlan } from '../../contract/experiment.ts'
import { InversionSchema } from '../../contract/inversion.ts'
import { StageOutcome } from '../../contract/jobs.ts'
import { LayoutStability } from '../../contract/stability.ts'
import { SuggestionPlan } from '../../contract/suggestion.ts'
import { SweepPlan } from '../../contract/sweep.ts'
import { asFloat16 } from './bytes.ts'

const positive = z.int().min(1).max(1e6)
const Layers = z.array(
  z.looseObject({
    name: z.string(),
    tensor: z.string(),
    channels: positive,
    height: positive,
    width: positive,
    stride: z.number().positive(),
    receptiveField: z.number().positive(),
  }),
)
const Sidecar = z.looseObject({
  input: z.record(z.string(), z.json()).optional(),
  labels: z
    .array(z.looseObject({ synset: z.string(), name: z.string(), synonyms: z.array(z.string()) }))
    .max(65_535)
    .optional(),
  operators: z.array(z.string()).optional(),
})
const Strongest = z.array(z.looseObject({ class: z.int().min(0).max(65_535), mean: z.number() }))
const members = z.record(z.string(), z.json())

/** Schemas of the JSON columns. */
const forms: Readonly<Record<string, z.ZodType>> = {
  'models.sidecar': Sidecar,
  'models.layers': Layers,
  'classifiers.layers': Layers,
  'layouts.params': members,
  'layouts.notes': members,
  'atlases.whitening': members,
  'atlases.preset': members,
  'atlases.scope': ClassAtlasSelection,
  'cells.top': z.looseObject({ for: Strongest, against: Strongest.optional() }),
  'cell_labels.labels': StoredLabels,
  'layout_stability.result': LayoutStability,
  'icons.preset': InversionSchema,
  'jobs.params': z.json(),
  'jobs.stages': z.array(StageOutcome),
  'predictions.top': z.array(z.int().min(0).max(65_535)),
  'sweeps.plan': SweepPlan,
}
const plans = z.union([ExperimentPlan, SuggestionPlan])

/** Pages of dense matrices; the rules of other columns read their numbers. */
const float16s = new Set(['matrix_pages.data', 'attribution_columns.data', 'matrix_tails.data'])

/** Cache of valid texts, by column: thousands of icons share a preset. */
const seen = new Map<string, Set<string>>()

/**
 * Checks a value beyond the rule of its column: the schema of JSON, and that numbers are finite.
 * @param from `table.column`
 * @returns the fault; undefined without one
 */
export const flawOf = (from: string, value: unknown): string | undefined => {
  if (typeof value === 'string') {
    const form = from === 'experiments.plan' ? plans : forms[from]
    if (form === undefined) return undefined
    const known = seen.get(from) ?? new Set()
    seen.set(from, known)
    if (known.has(value)) return undefined
    const parsed = form.safeParse(JSON.parse(value))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      return `${issue.path.join('.') || 'value'}: ${issue.message}`
    }
    if (known.size < 1024 && value.length < 4096) known.add(value)
    return undefined
  }
  if (!float16s.has(from) || !(value instanceof Uint8Array)) return undefined
  const values = asFloat16(value)
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at]!)) return `value ${at} is ${values[at]} instead of a number`
  return undefined
}
