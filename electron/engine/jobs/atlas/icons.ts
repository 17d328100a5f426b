import type { AtlasParams } from '../../../contract/build.ts'
import { encodeWebp } from '../../images/encode.ts'
import { Inverter } from '../../inversion/invert.ts'
import type { Whitening } from '../../inversion/whitening.ts'
import type { Classifier, Layer } from '../../model/classifier.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { cellsWithoutIcon, type PendingCell } from '../../store/cells.ts'
import { type FailedIcon, failedIcons, iconCounts, putIcons } from '../../store/icons.ts'
import { contentKey } from '../../store/keys.ts'
import type { Writable } from '../../store/sql.ts'
import type { StageWork } from '../context.ts'

export interface IconOrder {
  readonly atlas: number
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layer: Layer
  readonly params: Pick<AtlasParams, 'inversion' | 'preset' | 'seed'>
  readonly whitening: Whitening | undefined
}

/** Whatever an icon depends on besides its direction: a part of its key. The whitening stands for its samples. */
export const iconContext = (
  classifier: Classifier,
  layer: Layer,
  params: Pick<AtlasParams, 'inversion' | 'seed'>,
  whitening: Whitening | undefined,
): string =>
  contentKey({
    inversion: 1,
    model: classifier.hash,
    preprocessing: JSON.stringify(classifier.preprocessing),
    layer: layer.tensor,
    params: JSON.stringify(params.inversion),
    seed: params.seed,
    whitening: whitening && params.inversion.objective.whiten ? whitening.matrix : null,
  })

/**
 * Inverts all cells of an atlas that have no icon yet, in batches that are committed whole.
 * Icons do not depend on their company, so an interrupted run goes on with whatever is left.
 */
export async function makeIcons(db: Writable, order: IconOrder, work: StageWork): Promise<readonly FailedIcon[]> {
  const { atlas, classifier, runtime, layer, params, whitening } = order
  const { batch, steps, tries, size } = params.inversion
  const pending = distinct(cellsWithoutIcon(db, atlas))
  const { awaited: all } = iconCounts(db, atlas)
  if (pending.length < all) work.continues()
  const stage = `${layer.name}: icons`
  const report = (icons: number): void => work.report({ stage, done: icons, total: all, unit: 'icons' })
  if (pending.length > 0) {
    const inverter = await Inverter.create(classifier, runtime, layer, params.inversion)
    try {
      for (let from = 0; from < pending.length; from += batch) {
        const cells = pending.slice(from, from + batch)
        const directions = new Float32Array(cells.length * layer.channels)
        for (const [row, cell] of cells.entries()) directions.set(cell.direction, row * layer.channels)
        const before = all - pending.length + from
        report(before)
        const icons = await inverter.invert(directions, {
          seed: params.seed,
          whitening,
          signal: work.signal,
          // Within a batch icons grow together: steps count as parts of icons.
          report: ({ done }) => report(before + Math.floor((cells.length * done) / (steps * tries + 1))),
        })
        const webps = await Promise.all(icons.map(({ rgb }) => encodeWebp({ rgb, width: size, height: size })))
        putIcons(
          db,
          icons.map((icon, row) => ({
            key: cells[row]!.icon,
            status: icon.status,
            attempts: icon.starts,
            size,
            fidelity: icon.fidelity,
            robustFidelity: icon.robustFidelity,
            objective: Number.isFinite(icon.objective) ? icon.objective : null,
            preset: { name: params.preset, ...params.inversion },
            seed: params.seed,
            runtime: JSON.stringify(runtime.identity),
            batch,
            webp: webps[row]!,
          })),
        )
      }
    } finally {
      await inverter.release()
    }
  }
  report(all)
  return failedIcons(db, atlas)
}

function distinct(cells: readonly PendingCell[]): PendingCell[] {
  return [...new Map(cells.map(cell => [cell.icon, cell])).values()]
}
