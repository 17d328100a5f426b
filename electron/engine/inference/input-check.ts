import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Report } from '../../contract/progress.ts'
import { userFolder } from '../files/user-folder.ts'
import { UserJson } from '../files/user-json.ts'
import type { Classifier } from '../model/classifier.ts'
import { headIdentity } from '../model/identity.ts'
import { checkRange } from '../model/range.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What a check of a network's preprocessing found (`checkRange`). */
const InputCheck = z.object({
  images: z.int(),
  /** Whether the images were photographs, or synthetic. */
  photographs: z.boolean(),
  /** Mutual information of image and predicted class, bits. */
  information: z.number(),
  /** The fault and the way out; null where the predictions are consistent with the preprocessing. */
  warning: z.string().nullable(),
})
type InputCheck = z.infer<typeof InputCheck>

/** Raised whenever `checkRange` may find something else. */
const VERSION = 1
const Content = z.object({ version: z.literal(VERSION), checks: z.record(z.string(), InputCheck) })
const MAX_STORED = 500

interface CheckOptions {
  /**
   * Returns photographs to check with, sRGB, [n, height, width, 3]; undefined: too few. Without them, synthetic images
   * are used.
   */
  readonly photographs?: (() => Promise<Uint8Array | undefined>) | undefined
  /** Checks with these photographs also after an earlier check. */
  readonly again?: boolean
  readonly report: Report
  /** The file with the results of earlier checks. */
  readonly file?: string
}

/**
 * Checks the preprocessing of a network by its predictions, or returns the result of an earlier check of the same network
 * and preprocessing: dozens of forward passes, whose result does not change. A check with photographs that found no fault
 * holds for other photographs and instead of synthetic images; one that found a fault is made again.
 */
export async function checkInput(
  classifier: Classifier,
  runtime: Runtime,
  { photographs, again = false, report, file = join(userFolder(), 'checks.json') }: CheckOptions,
): Promise<InputCheck> {
  const stored = new UserJson(file, Content, { version: VERSION, checks: {} })
  // The name is in the sentence of a warning.
  const key = createHash('sha256')
    .update(`${headIdentity(classifier)} ${classifier.name}`)
    .digest('hex')
  const before = stored.read().checks[key]
  if (before && (!photographs || (!again && before.photographs && before.warning === null))) return before

  const progress = (done: number): void => report({ stage: 'check of the input', done, total: 1, unit: 'networks' })
  progress(0)
  const bytes = await photographs?.()
  if (before && !bytes) return before
  const { warning = null, ...rest } = await checkRange(classifier, runtime, bytes)
  progress(1)
  const check: InputCheck = {
    images: rest.images,
    photographs: rest.photographs,
    information: rest.information,
    warning,
  }
  if (check.photographs && warning !== null) return check
  const others = Object.entries(stored.read().checks).filter(([other]) => other !== key)
  stored.write({ version: VERSION, checks: Object.fromEntries([...others.slice(1 - MAX_STORED), [key, check]]) })
  return check
}
