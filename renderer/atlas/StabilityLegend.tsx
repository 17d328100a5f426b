import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { shareText, stabilityNote, stabilityText } from '../../electron/contract/stability.ts'
import { changeFilter } from '../state/view.ts'
import { MeasureStability } from './MeasureStability.tsx'
import css from './pane.module.css'
import type { StabilityShade } from './use-stability.ts'

interface StabilityLegendProps {
  readonly pane: number
  readonly atlas: AtlasSummary
  readonly shade: StabilityShade | undefined
}

/** The legend of the shade by stability; where that has not been measured, the offer to do so. */
export function StabilityLegend({ pane, atlas, shade }: StabilityLegendProps): ReactNode {
  const { stability } = atlas
  return (
    <div className={css['legend']} data-overlay>
      <ul>
        <li>
          <span>
            {stability ? 'Map neighbours kept in other layouts' : 'The stability of this map is not measured'}
          </span>
          <button
            type="button"
            aria-label="End the shade by stability"
            onClick={() => changeFilter(pane, { stability: false })}
          >
            <X size={14} aria-hidden />
          </button>
        </li>
      </ul>
      {stability === null ? (
        <MeasureStability atlas={atlas} />
      ) : (
        <>
          <div className={css['fade']} aria-hidden />
          <div className={css['ends']}>
            <span>{`${shareText(stability.chance)} (chance)`}</span>
            <span>{shade ? shareText(shade.to) : '…'}</span>
          </div>
          <p className={css['hint']} title={`${stabilityText(stability)}. ${stabilityNote(stability)}`}>
            {`mean ${shareText(stability.kept)}, ${stability.seeds.length} seeds`}
          </p>
        </>
      )}
    </div>
  )
}
