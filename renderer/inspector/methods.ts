import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import { rankText } from '../../electron/contract/fidelity.ts'
import { qualityText } from '../../electron/contract/layout.ts'
import { count } from '../ui/text.ts'

/** ` (0.31 on average to the directions of the other cells; own direction ranks 1 of 150)`. */
function against({ fidelityRank }: CellDetail): string {
  if (fidelityRank === null) return ''
  const { chance } = fidelityRank
  return ` (${chance === null ? '' : `${chance.toFixed(2)} on average to the directions of the other cells; `}${rankText(fidelityRank)})`
}

/** The provenance of an icon for the methods section of a paper: all that is needed to reproduce it. */
export function methodsParagraph(detail: CellDetail, atlas: AtlasSummary): string {
  const { provenance: p, cell } = detail
  const fidelity =
    detail.fidelity === null
      ? ''
      : ` Its fidelity (cosine between the cell's mean activation and the activation of the icon) is ${detail.fidelity.toFixed(2)}${against(detail)}`
  const robust =
    detail.robustFidelity === null
      ? ''
      : `, ${detail.robustFidelity.toFixed(2)} under transformations that were not used in the optimisation`
  // From noise is the rule, and is said where an icon was to start otherwise.
  const started = p.start === '' || p.start === 'noise' ? '' : `, starting from ${p.start},`
  const quality = atlas.quality === null ? '' : ` (${qualityText(atlas.quality)})`
  return (
    `The icon is the feature inversion of the mean of ${detail.count} activation vectors of layer ${p.layer} of ${p.modelName} ` +
    `(sha256 ${p.model.slice(0, 12)}), the cell in row ${cell.i}, column ${cell.j} of a ${cell.grid} × ${cell.grid} activation atlas ` +
    `(Carter et al., 2019) of ${count(atlas.samples, 'sample')} with a layout computed by ${atlas.method} with seed ${atlas.layoutSeed}${quality}. ` +
    `It was optimised with the preset “${p.preset}” for ${count(p.steps, 'step')}${started} with seed ${p.seed} on ${p.runtime}.` +
    (fidelity === '' ? '' : `${fidelity}${robust}.`)
  )
}
