import { Braces, FileText, Image as ImageIcon, Link, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useCall } from '../state/queries.ts'
import { change, select, toggleClass, useView } from '../state/view.ts'
import { Bars, Button, Empty, Failure, IconButton, Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count, number } from '../ui/text.ts'
import { Crops } from './Crops.tsx'
import { cellLink, methodsParagraph } from './methods.ts'

interface InspectorProps {
  readonly project: string
  readonly atlases: readonly AtlasSummary[]
  readonly className: (index: number) => string
}

/** What lies behind the selected cell: its icon, how far to trust it, what it speaks for, and the real photographs. */
export function Inspector({ project, atlases, className }: InspectorProps): ReactNode {
  const selection = useView(state => state.selection)
  const cell = selection?.cells[0] ?? null
  const detail = useCall('cell.detail', cell && { ...cell, classes: 10, nearest: 12 })
  const more = selection ? selection.cells.length - 1 : 0
  return (
    <aside className={panel['panel']} aria-label="Inspector">
      <header className={panel['head']}>
        <h2>
          {cell
            ? `${atlases.find(a => a.id === cell.atlas)?.layer ?? ''} · row ${cell.i}, column ${cell.j}`
            : 'Inspector'}
        </h2>
        <IconButton label="Close inspector" onClick={() => change({ inspectorOpen: false })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      {!cell ? (
        <Empty title="Select a cell">
          <p>Click an icon, or hold Shift and draw around several. Arrows with Alt go on from cell to cell.</p>
        </Empty>
      ) : detail.error ? (
        <Failure error={detail.error} retry={() => void detail.refetch()} />
      ) : detail.data ? (
        <Detail
          detail={detail.data}
          more={more}
          atlas={atlases.find(a => a.id === cell.atlas)}
          project={project}
          className={className}
        />
      ) : (
        <Empty title="Reading the cell" busy />
      )}
    </aside>
  )
}

interface DetailProps {
  readonly detail: CellDetail
  readonly more: number
  readonly atlas: AtlasSummary | undefined
  readonly project: string
  readonly className: (index: number) => string
}

const ratio = (value: number | null): string => (value === null ? 'still to come' : value.toFixed(2))

function Detail({ detail, more, atlas, project, className }: DetailProps): ReactNode {
  const [side, setSide] = useState<'for' | 'against'>('for')
  const active = useView(state => state.active)
  const icon = detail.icon === null ? null : pictureAddress({ kind: 'icon', project, key: detail.icon })
  const bars = (side === 'for' ? detail.for : detail.against).map(c => ({
    key: c.index,
    name: className(c.index),
    value: c.value,
  }))
  return (
    <div className={panel['body']}>
      <div className={panel['figure']}>
        {icon ? (
          <img src={icon} alt={`Icon of the cell: ${detail.label === null ? 'no class' : className(detail.label)}`} />
        ) : (
          <div className={panel['big']} />
        )}
        <div>
          <h3>{detail.label === null ? 'No class known' : className(detail.label)}</h3>
          <p className={panel['note']} style={{ marginBottom: 8 }}>
            {detail.share !== null &&
              `strongest for ${Math.round(detail.share * 100)} % of ${count(detail.count, 'sample')}`}
          </p>
          <dl className={panel['facts']}>
            <dt title="Cosine between the cell's mean activation and what the network answers to the icon">Fidelity</dt>
            <dd>{ratio(detail.fidelity)}</dd>
            <dt title="The same under 16 small shifts, turns and scales that were not optimised for">Robust</dt>
            <dd>{ratio(detail.robustFidelity)}</dd>
          </dl>
        </div>
      </div>
      {more > 0 && (
        <p className={panel['note']} style={{ marginTop: 12 }}>
          {`The first of ${count(more + 1, 'selected cell')}. `}
          <button
            type="button"
            onClick={() => select(null)}
            style={{ border: 0, background: 'none', padding: 0, textDecoration: 'underline' }}
          >
            Select none
          </button>
        </p>
      )}
      <section className={panel['section']} aria-label="Classes by attribution">
        <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', marginBottom: 8 }}>
          <h3 className={panel['label']} style={{ margin: 0 }}>
            Attribution, logits
          </h3>
          <Segments
            label="Sign"
            value={side}
            options={[
              ['for', 'For'],
              ['against', 'Against'],
            ]}
            onChange={setSide}
          />
        </div>
        <Bars
          bars={bars}
          colour={side === 'for' ? 'var(--for)' : 'var(--against)'}
          hint="Colour the active pane by this class"
          onPick={index => toggleClass(active, index)}
        />
      </section>
      <Crops detail={detail} project={project} />
      <section className={panel['section']}>
        <h3>Strongest channels</h3>
        <ul className={panel['channels']}>
          {detail.channels.slice(0, 10).map(channel => (
            <li key={channel.channel} title={`Channel ${channel.channel}: mean activation ${channel.value.toFixed(2)}`}>
              {channel.icon ? <img src={pictureAddress({ kind: 'icon', project, key: channel.icon })} alt="" /> : <i />}
              {channel.channel}
            </li>
          ))}
        </ul>
      </section>
      <section className={panel['section']}>
        <h3>Provenance</h3>
        <dl className={panel['facts']}>
          <dt>Model</dt>
          <dd>{detail.provenance.modelName}</dd>
          <dt>Layer</dt>
          <dd>{detail.provenance.layer}</dd>
          <dt>Preset</dt>
          <dd>{`${detail.provenance.preset}, ${number(detail.provenance.steps)} steps`}</dd>
          <dt>Seed</dt>
          <dd>{detail.provenance.seed}</dd>
          <dt>Runtime</dt>
          <dd>{detail.provenance.runtime}</dd>
          <dt>Licence</dt>
          <dd>{detail.provenance.license}</dd>
        </dl>
      </section>
      <section className={panel['section']} aria-label="Copy">
        <h3>Copy</h3>
        <CopyButtons detail={detail} atlas={atlas} project={project} icon={icon} />
      </section>
    </div>
  )
}

function CopyButtons({
  detail,
  atlas,
  project,
  icon,
}: {
  detail: CellDetail
  atlas: AtlasSummary | undefined
  project: string
  icon: string | null
}): ReactNode {
  const [said, setSaid] = useState('')
  const text = (what: string, value: string) => async (): Promise<void> => {
    await window.portolan.shell('clipboard.text', { text: value })
    setSaid(`${what} copied`)
  }
  const picture = async (): Promise<void> => {
    if (!icon) return
    const bitmap = await createImageBitmap(await (await fetch(icon)).blob())
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/png' })
    await window.portolan.shell('clipboard.image', { png: new Uint8Array(await blob.arrayBuffer()) })
    setSaid('Picture copied')
  }
  return (
    <div className={panel['actions']}>
      <Button onClick={text('Link', cellLink(project, detail.cell))}>
        <Link size={14} aria-hidden /> Link
      </Button>
      <Button onClick={picture} disabled={!icon}>
        <ImageIcon size={14} aria-hidden /> PNG
      </Button>
      <Button onClick={text('JSON', JSON.stringify(detail, null, 2))}>
        <Braces size={14} aria-hidden /> JSON
      </Button>
      <Button disabled={!atlas} onClick={atlas && text('Paragraph', methodsParagraph(detail, atlas))}>
        <FileText size={14} aria-hidden /> Methods
      </Button>
      <span role="status" className={panel['note']} style={{ alignSelf: 'center' }}>
        {said}
      </span>
    </div>
  )
}
