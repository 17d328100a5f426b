import { type ReactNode, useState } from 'react'
import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import { coverageText } from '../../electron/contract/build.ts'
import { type CellLabel, labelName, labelRule, noLabelText } from '../../electron/contract/cell-labels.ts'
import { rankText } from '../../electron/contract/fidelity.ts'
import { ClassActions } from '../compare/ClassActions.tsx'
import { CLASS_ATLAS_PANES, openClass } from '../state/class-atlas-form.ts'
import { usePictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { select, toggleClass, useView } from '../state/view.ts'
import { Bars } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { capitalised, count, number } from '../ui/text.ts'
import { Cells } from './Cells.tsx'
import { Channels } from './Channels.tsx'
import { Copy } from './Copy.tsx'
import { Crops } from './Crops.tsx'
import { Notes } from './Notes.tsx'
import { SignSegments } from './SignSegments.tsx'
import { Stability } from './Stability.tsx'
import { Variants } from './Variants.tsx'

interface DetailProps {
  readonly detail: CellDetail
  /** In which pane the cell is selected. */
  readonly pane: number
  readonly atlas: AtlasSummary | undefined
}

/** `agreement 0.93, 118 classes · `. */
const labelNote = (label: CellLabel | null): string =>
  label === null
    ? ''
    : `agreement ${label.agreement.toFixed(2)}${label.kind === 'group' ? `, ${count(label.classes, 'class', 'classes')}` : ''} · `

const ratio = (value: number | null): string => (value === null ? 'pending' : value.toFixed(2))

/** All details of one cell. */
export function Detail({ detail, pane, atlas }: DetailProps): ReactNode {
  const { key, className, published } = useProject()
  const [side, setSide] = useState<'for' | 'against'>('for')
  const active = useView(state => state.active)
  // A cell of a class atlas or comparison has no pane of the atlas view to colour.
  const inClassAtlas = pane >= CLASS_ATLAS_PANES
  const icon = usePictureAddress(detail.icon === null ? null : { kind: 'icon', project: key, key: detail.icon })
  const bars = detail[side].map(c => ({ key: c.index, name: className(c.index), value: c.value }))
  const title = detail.label ? labelName(detail.label) : detail.labelNote === null ? noLabelText : 'label unknown'
  return (
    <div className={panel['body']}>
      <div className={panel['figure']}>
        {icon ? (
          <img src={icon} alt={`Icon of the cell: ${title}`} />
        ) : (
          <div className={panel['big']}>{detail.icon === null && 'rendering…'}</div>
        )}
        <div>
          <h3 title={labelRule}>{capitalised(title)}</h3>
          <p className={panel['note']}>{`${labelNote(detail.label)}${count(detail.count, 'sample')}`}</p>
          <dl className={panel['facts']}>
            <dt title="Cosine between the cell's mean activation and the activation of its icon">Fidelity</dt>
            <dd>{ratio(detail.fidelity)}</dd>
            {detail.fidelityRank && (
              <>
                <dt title="Mean cosine between the activation of the icon and the directions of all other shown cells of the grid: the level of chance">
                  To other cells
                </dt>
                <dd>{ratio(detail.fidelityRank.chance)}</dd>
              </>
            )}
            <dt title="Mean fidelity over 16 shifts, rotations and scalings that were not used in the optimisation">
              Robust fidelity
            </dt>
            <dd>{ratio(detail.robustFidelity)}</dd>
          </dl>
          {detail.fidelityRank && <p className={panel['note']}>{capitalised(rankText(detail.fidelityRank))}</p>}
        </div>
      </div>
      {published === null && <Notes cell={detail.cell} />}
      <section className={panel['section']} aria-label="Classes by attribution">
        <div className={panel['between']}>
          <h3 className={panel['label']}>Attribution, logits</h3>
          <SignSegments sign={side} onChange={setSide} />
        </div>
        <p className={panel['note']}>
          Means over the samples of the cell, without intervals. Class atlases and comparisons give intervals over
          photographs.
        </p>
        <Bars
          bars={bars}
          colour={side === 'for' ? 'var(--for)' : 'var(--against)'}
          hint={inClassAtlas ? 'Open the class atlas of this class' : 'Colour the active pane by this class'}
          onPick={index => (inClassAtlas ? openClass(index) : toggleClass(active, index))}
        />
      </section>
      <section className={panel['section']} aria-label="Actions">
        <ClassActions classes={detail.for.slice(0, 2).map(c => c.index)} atlas={detail.cell.atlas} cell={detail.cell} />
      </section>
      {(published === null || published.photographs) && <Crops detail={detail} />}
      {published === null && <Channels detail={detail} />}
      {published === null && <Variants cell={detail.cell} preset={detail.provenance.preset} />}
      {atlas && !inClassAtlas && <Stability detail={detail} pane={pane} atlas={atlas} />}
      {detail.neighbours.length > 0 && (
        <section className={panel['section']} aria-label="Neighbours">
          <h3>Neighbours</h3>
          <Cells cells={detail.neighbours} limit={8} onPick={cell => select({ pane, cells: [cell] })} />
        </section>
      )}
      <section className={panel['section']} aria-label="Provenance">
        <h3>Provenance</h3>
        <dl className={panel['facts']}>
          <dt>Model</dt>
          <dd>{detail.provenance.modelName}</dd>
          <dt>Layer</dt>
          <dd>{detail.provenance.layer}</dd>
          {atlas && (
            <>
              <dt>Samples</dt>
              <dd>
                {`${number(atlas.samples)} of ${count(atlas.photographs, 'photograph')}${atlas.coverage === null ? '' : `; ${coverageText(atlas.coverage)}`}`}
              </dd>
            </>
          )}
          <dt>Preset</dt>
          <dd>{`${detail.provenance.preset}, ${count(detail.provenance.steps, 'step')}`}</dd>
          <dt>Seed</dt>
          <dd>{detail.provenance.seed}</dd>
          {detail.provenance.start !== '' && (
            <>
              <dt>Start</dt>
              <dd>{detail.provenance.start}</dd>
            </>
          )}
          <dt>Runtime</dt>
          <dd>{detail.provenance.runtime}</dd>
          <dt>Licence</dt>
          <dd>{detail.provenance.license}</dd>
        </dl>
      </section>
      <Copy detail={detail} atlas={atlas} icon={icon ?? null} />
    </div>
  )
}
