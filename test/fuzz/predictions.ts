import { z } from 'zod'
import { complaint, type Ending } from './runner.ts'

/** What `classify --json` prints. */
const Printed = z.object({
  images: z.array(
    z.object({
      file: z.string(),
      top: z.array(
        z.object({ index: z.int(), name: z.string(), synset: z.string(), probability: z.number(), logit: z.number() }),
      ),
    }),
  ),
  unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
})
export type Predictions = z.output<typeof Printed>['images'][number]['top']

/** Parts of the largest number: what single precision loses in a network of some ten layers. */
const CLOSE = 1e-3

/**
 * The classes of one photograph that `classify --json --top` lists.
 * @returns them, or a complaint about unexpected output
 */
export function predictionsIn({ out }: Ending): Predictions | string {
  let json: unknown
  try {
    json = JSON.parse(out)
  } catch {
    return `not JSON: ${out.slice(0, 200)}`
  }
  const parsed = Printed.safeParse(json)
  if (!parsed.success) return `unexpected output: ${parsed.error.issues[0]?.message} at ${parsed.error.issues[0]?.path}`
  return parsed.data.images[0]?.top ?? 'exit status 0 without predictions'
}

/** What is wrong with predictions in themselves: order, indices, probabilities that are no softmax of the logits. */
export function inconsistency(top: Predictions, probabilities: 'softmax' | 'sigmoid' = 'softmax'): string | undefined {
  if (top.length === 0) return 'no class'
  if (new Set(top.map(({ index }) => index)).size !== top.length) return 'a class twice'
  if (top.some(({ logit }, i) => i > 0 && logit > top[i - 1]!.logit)) return 'not the strongest first'
  const sum = top.reduce((total, { logit }) => total + Math.exp(logit - top[0]!.logit), 0)
  const odd = top.find(({ logit, probability }) => {
    const expected = probabilities === 'sigmoid' ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit - top[0]!.logit) / sum
    return Math.abs(probability - expected) > CLOSE
  })
  return odd && `the probability of ${odd.index} is ${odd.probability} for the logit ${odd.logit}`
}

/** Where predictions are not what the referee computes. @param logits of all classes, by index */
export function difference(top: Predictions, logits: readonly number[]): string | undefined {
  if (top.length !== logits.length) return `${top.length} classes for ${logits.length}`
  const scale = Math.max(1e-6, ...logits.map(Math.abs))
  const odd = top.find(({ index, logit }) => !(Math.abs(logit - logits[index]!) <= CLOSE * scale))
  return odd && `the logit of class ${odd.index} is ${odd.logit}, and should be ${logits[odd.index]}`
}

/** Control characters would go to the reader's terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

/** What no command may print for a file from a stranger: see `complaint`; or with control characters of that file. */
export const hostileComplaint = (ending: Ending): string | undefined =>
  complaint(ending) ??
  (CONTROL.test(ending.err) ? `control characters: ${JSON.stringify(ending.err.slice(0, 300))}` : undefined)
