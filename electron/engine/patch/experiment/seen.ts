import { z } from 'zod'
import { findModel } from '../../store/models.ts'
import { findImage } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'

const Kept = z.object({ input: z.object({ resize: z.enum(['stretch', 'crop']).default('stretch') }) })

/** How many pixels of a photograph a model sees across and down: what proportions `photograph` are kept in. */
export function seenOf(
  db: Readable,
  model: string,
  image: number,
): { readonly width: number; readonly height: number } {
  const found = findImage(db, image)
  const { width, height } = found?.status === 'ok' ? found : { width: 1, height: 1 }
  const sidecar = Kept.safeParse(findModel(db, model)?.sidecar)
  const edge = Math.min(width, height)
  return sidecar.success && sidecar.data.input.resize === 'crop' ? { width: edge, height: edge } : { width, height }
}
