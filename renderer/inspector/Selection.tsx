import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import type { SelectionClass } from '../../electron/contract/selection.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { useLabels } from '../atlas/cell-labels.ts'
import { ClassActions } from '../compare/ClassActions.tsx'
import { cellsCsv, saveText } from '../export/cells-csv.ts'
import { openDialog } from '../state/dialogs.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { select, toggleClass, useView } from '../state/view.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count, number, signedText } from '../ui/text.ts'
import { Cells } from './Cells.tsx'
import { Authors, Crop } from './Crops.tsx'
import { SignSegments } from './SignSegments.tsx'
import css from './selection.module.css'

const CLASSES = 8
const PHOTOGRAPHS = 24
const SHOWN_CELLS = 32
/** Of the icon of the mean, pixels. */
const SIZE = 128

interface SelectionProps {
  /** Of one grid of one atlas; two at least. */
  readonly cells: readonly CellRef[]
  /** Shows one of them. */
  readonly onPick: (cell: CellRef) => void
}

/** Several selected cells as one: their classes, photographs and mean. */
export function Selection({ cells, onPick }: SelectionProps): ReactNode {
  const { atlas, grid } = cells[0]!
  const columns = useCall('atlas.cells', { atlas, grid })
  const labels = useLabels(atlas, grid)
  const [side, setSide] = useState<'for' | 'against'>('for')
  const active = useView(state => state.active)
  const indices = useMemo(() => {
    const at = new Map(columns.data && Array.from(columns.data.i, (i, k) => [`${i},${columns.data.j[k]}`, k] as const))
    return cells.flatMap(({ i, j }) => at.get(`${i},${j}`) ?? []).sort((a, b) => a - b)
  }, [cells, columns.data])
  const given = indices.length === 0 ? null : { atlas, grid, cells: indices.slice(0, 4096) }
  const summary = useCall('selection.summary', given && { ...given, classes: CLASSES, nearest: PHOTOGRAPHS })
  if (summary.error) return <Failure error={summary.error} retry={() => void summary.refetch()} />
  const { data } = summary
  if (!data || !columns.data || given === null) return <Empty title="Summing up the selection…" busy />
  const available = data.nearest.filter(crop => crop.available)
  const save = (): Promise<unknown> =>
    saveText('selection.csv', cellsCsv({ cells: columns.data, grid, labels, among: indices }))
  return (
    <div className={panel['body']}>
      <div className={panel['figure']}>
        <MeanIcon key={JSON.stringify(given)} given={given} />
        <div>
          <h3>{count(data.cells, 'cell')}</h3>
          <p className={panel['note']}>
            {`${count(data.samples, 'sample')} of ${count(data.photographs, 'photograph')}`}
          </p>
          <div className={panel['actions']}>
            <Button onClick={() => openDialog('note')}>Add a note</Button>
            <Button onClick={() => void attempt(save)}>
              <Download size={14} aria-hidden /> CSV
            </Button>
            <Button onClick={() => select(null)}>Clear</Button>
          </div>
        </div>
      </div>
      <section className={panel['section']} aria-label="Common classes">
        <div className={panel['between']}>
          <h3 className={panel['label']}>Mean attribution, logits</h3>
          <SignSegments sign={side} onChange={setSide} />
        </div>
        <ClassRows classes={data[side]} cells={data.cells} onPick={index => toggleClass(active, index)} />
        <p className={panel['note']}>
          {data.photographs < MIN_PHOTOGRAPHS
            ? `No intervals: fewer than ${MIN_PHOTOGRAPHS} photographs. `
            : `95 % intervals over photographs, simultaneous over all ${number(data.tested)} classes. `}
          {data.known < data.samples &&
            `Attribution known for ${number(data.known)} of ${number(data.samples)} samples; others count as 0. `}
          Beside each class: in how many of the cells it is among the ten strongest.
        </p>
      </section>
      <section className={panel['section']} aria-label="Actions">
        <ClassActions classes={data.for.slice(0, 2).map(c => c.index)} atlas={atlas} />
      </section>
      <section className={panel['section']} aria-label="Photographs">
        <h3>{`Photographs nearest to the mean, ${number(available.length)} of ${number(data.samples)}`}</h3>
        {available.length === 0 ? (
          <p className={panel['note']}>The photographs of this project were not found on this computer.</p>
        ) : (
          <ul className={panel['crops']}>
            {available.map(sample => (
              <Crop key={sample.sample} sample={sample} whole={false} />
            ))}
          </ul>
        )}
        {data.compared < data.samples && (
          <p className={panel['note']}>{`Nearest of ${number(data.compared)} samples, evenly spread.`}</p>
        )}
        <Authors samples={available} />
      </section>
      <section className={panel['section']} aria-label="Selected cells">
        <h3>{`Cells${cells.length > SHOWN_CELLS ? `, first ${SHOWN_CELLS} of ${number(cells.length)}` : ''}`}</h3>
        <Cells cells={cells} limit={SHOWN_CELLS} onPick={onPick} />
      </section>
    </div>
  )
}

interface ClassRowsProps {
  readonly classes: readonly SelectionClass[]
  /** Cells of the selection. */
  readonly cells: number
  readonly onPick: (index: number) => void
}

/** Means as dots with their intervals, on one scale with 0. */
function ClassRows({ classes, cells, onPick }: ClassRowsProps): ReactNode {
  const { className } = useProject()
  const ends = classes.flatMap(({ value, low, high }) => [value, low ?? 0, high ?? 0])
  const [minimum, maximum] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  const at = (value: number): string => `${(100 * (value - minimum)) / (maximum - minimum || 1)}%`
  if (classes.length === 0) return <p className={panel['note']}>No class has a mean of this sign.</p>
  return (
    <ul className={css['rows']}>
      {classes.map(({ index, value, low, high, cells: listed }) => (
        <li key={index}>
          <button
            type="button"
            title={`Colour the active pane by this class.\n${signedText(value)}${low === null || high === null ? '' : ` (${signedText(low)} to ${signedText(high)})`} logits; among the ten strongest of ${listed} of ${cells} cells`}
            onClick={() => onPick(index)}
          >
            <span>{className(index)}</span>
            <small>{`${listed} of ${cells}`}</small>
            <i aria-hidden>
              <s style={{ left: at(0) }} />
              {low !== null && high !== null && (
                <u data-side={value < 0} style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
              )}
              <b data-side={value < 0} style={{ left: at(value) }} />
            </i>
            <output>{signedText(value)}</output>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The icon of the mean activation of all samples of the selection, rendered on request. */
function MeanIcon({ given }: { readonly given: { atlas: number; grid: number; cells: number[] } }): ReactNode {
  const { key } = useProject()
  const [requested, setRequested] = useState(false)
  const icon = useQuery({
    queryKey: ['selection.icon', given],
    queryFn: () => call('selection.icon', { ...given, preset: 'draft', seed: 0, size: SIZE }),
    enabled: requested,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (icon.data)
    return (
      <img
        src={pictureAddress({ kind: 'icon', project: key, key: icon.data.icon })}
        alt="Icon of the mean activation of the selection"
        title={`Preset draft, fidelity ${icon.data.fidelity?.toFixed(2) ?? 'unknown'}`}
      />
    )
  return (
    <div className={panel['big']}>
      {icon.error ? (
        <span role="alert">{icon.error.message}</span>
      ) : icon.isFetching ? (
        <span role="status">rendering…</span>
      ) : (
        <Button title="An icon of the mean activation of all its samples" onClick={() => setRequested(true)}>
          Render mean
        </Button>
      )}
    </div>
  )
}
