import { type CellLabel, labelRule } from '../../contract/cell-labels.ts'
import { type FidelitySummary, fidelityText } from '../../contract/fidelity.ts'
import type { ShownCell } from '../atlas/export.ts'
import { figureCells, trimOf } from '../class-atlas/described.ts'
import { classFigure } from '../class-atlas/figure.ts'
import type { Picture } from '../images/encode.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { layoutWithId } from '../store/layouts.ts'
import { findModel } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { grouped } from './text.ts'

/**
 * An atlas with its heading, the labels of its cells and a caption.
 * @param cells  the shown ones
 * @param labels of those cells; null where they are unknown
 * @param of     samples of the set
 */
export function atlasFigure(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCell[],
  labels: readonly (CellLabel | null)[] | null,
  fidelity: FidelitySummary,
  of: number,
): Promise<Picture> {
  const places = new Map(cells.map(({ i, j }, place) => [i * grid + j, place]))
  const samples = cells.reduce((sum, { count }) => sum + count, 0)
  const layout = layoutWithId(db, atlas.layout)!
  const counts = (['class', 'group'] as const).map(kind => labels?.filter(label => label?.kind === kind).length ?? 0)
  return classFigure({
    title: atlas.layer,
    place: `${atlas.name} · ${findModel(db, sampleSet(db, atlas.set)!.model)?.name ?? ''}`,
    about: [
      `${grouped(samples)} of ${grouped(of)} samples in ${grouped(cells.length)} cells of ${grid} × ${grid} · layout ${layout.name}, seed ${layout.seed}`,
      labels === null
        ? 'the labels of the cells are unknown'
        : `${grouped(counts[0]! + counts[1]!)} of ${grouped(cells.length)} cells labelled: ${grouped(counts[0]!)} by a class, ${grouped(counts[1]!)} by a group of classes`,
      fidelityText(fidelity),
    ],
    key: `${labels === null ? '' : `${labelRule}. `}Dots: cells with too few samples.`,
    grid,
    cells: figureCells(db, atlas, grid, cells, ({ i, j }) => {
      const label = labels?.[places.get(i * grid + j)!]
      if (!label) return { label: '', bar: null }
      // Groups are named as such on the line below, where there is room for it.
      const agreement = label.agreement.toFixed(2)
      return { label: label.name, bar: null, note: label.kind === 'group' ? `group, ${agreement}` : agreement }
    }),
    trim: trimOf(atlas),
  })
}
