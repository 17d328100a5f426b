import { ChevronDown, ChevronUp } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { gridNear, type LayerShare, stripGrid } from '../../electron/contract/class-atlas.ts'
import { CLASS_ATLAS_PANES } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { select, useView } from '../state/view.ts'
import { Failure, IconButton } from '../ui/controls.tsx'
import { count, number } from '../ui/text.ts'
import { CellIcon } from './CellIcon.tsx'
import { useSources } from './class-atlases.ts'
import { negativeStrip, positiveStrip, type Strip } from './strip.ts'
import css from './strips.module.css'

/** Pane id of the strips: their cells belong to whole atlases. */
const STRIPS = CLASS_ATLAS_PANES + 90
/** A segment with this share is wider than a small icon. */
const WIDE = 0.035
/** Height of a window below which the strips are hidden at first, CSS pixels. */
const LOW = 800
/** Maximum number of layers of one request. */
const MAX_LAYERS = 16

interface LayerStripsProps {
  readonly class: number
  /** In a comparison the class on the left; `class` is the one on the right. */
  readonly against: number | null
}

/** For every layer, the share of each cell in the attribution to a class. */
export function LayerStrips({ class: index, against }: LayerStripsProps): ReactNode {
  const { className } = useProject()
  const { all } = useSources()
  const sources = all.slice(0, MAX_LAYERS)
  const grids = sources.flatMap(source => {
    const grid = gridNear(source, stripGrid)
    return grid === undefined ? [] : [{ atlas: source.id, grid }]
  })
  // In a low window the map needs the room more.
  const [open, setOpen] = useState(() => window.innerHeight >= LOW)
  const shares = useCall('classAtlas.layers', open && grids.length > 0 ? { grids, class: index, against } : null)
  const name = className(index)
  return (
    <section className={css['strips']} aria-label="Across layers">
      <header>
        <h3>
          {against === null
            ? `Attribution to ${name} by layer and cell`
            : `Attribution to ${name} minus ${className(against)}, by layer and cell`}
        </h3>
        <p>
          {!open
            ? ''
            : against === null
              ? 'Width: share of the attribution; grey: hidden cells'
              : `Left: ${className(against)}; right: ${name}`}
        </p>
        <IconButton
          label={open ? 'Hide the strips of the layers' : 'Show the strips of the layers'}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <ChevronDown size={16} aria-hidden /> : <ChevronUp size={16} aria-hidden />}
        </IconButton>
      </header>
      {shares.error && <Failure error={shares.error} />}
      <div className={css['table']} hidden={!open}>
        {shares.data?.map(share => {
          const source = sources.find(s => s.id === share.atlas)
          return source && <Row key={share.atlas} source={source} share={share} both={against !== null} />
        })}
      </div>
    </section>
  )
}

interface RowProps {
  readonly source: AtlasSummary
  readonly share: LayerShare
  readonly both: boolean
}

function Row({ source, share, both }: RowProps): ReactNode {
  const sides = both ? share.positive - share.negative : share.positive
  const positive = positiveStrip(share, share.positive / (sides || 1))
  const negative = negativeStrip(share, -share.negative / (sides || 1))
  const text = (strip: Strip): string =>
    strip.total === 0
      ? 'none'
      : strip.half === 0
        ? `${count(Math.round(strip.total), 'logit')}, more than half in hidden cells`
        : `${count(Math.round(strip.total), 'logit')}, half in ${number(strip.half)} of ${number(share.cells.length)} cells`
  return (
    <>
      <span className={css['layer']}>{source.layer}</span>
      {both ? (
        <div className={css['both']}>
          <div style={{ width: `${(100 * negative.total) / (sides || 1)}%` }}>
            <Segments strip={negative} source={source} share={share} reversed />
          </div>
          <div style={{ width: `${(100 * positive.total) / (sides || 1)}%` }}>
            <Segments strip={positive} source={source} share={share} reversed={false} />
          </div>
        </div>
      ) : (
        <Segments strip={positive} source={source} share={share} reversed={false} />
      )}
      <span className={css['sum']}>
        {both ? `${number(Math.round(negative.total))} | ${number(Math.round(positive.total))} logits` : text(positive)}
      </span>
    </>
  )
}

interface SegmentsProps {
  readonly strip: Strip
  readonly source: AtlasSummary
  readonly share: LayerShare
  readonly reversed: boolean
}

/** The strip: one segment of icon per cell, the widest first. */
function Segments({ strip, source, share, reversed }: SegmentsProps): ReactNode {
  const { grid } = share
  const { data: cells } = useCall('atlas.cells', { atlas: source.id, grid })
  const chosen = useView(state => (state.selection?.pane === STRIPS ? state.selection.cells[0] : undefined))
  if (!cells) return <div className={css['segments']} />
  return (
    <ul
      className={css['segments']}
      data-reversed={reversed}
      aria-label={`${source.layer}: cells by share of attribution`}
    >
      {strip.segments.map(({ cell, from, to }) => {
        const [i, j] = [cells.i[cell]!, cells.j[cell]!]
        const percent = (100 * (to - from)).toFixed(1)
        return (
          <li key={cell} style={{ flexGrow: to - from }}>
            <button
              type="button"
              title={`${percent} % in row ${i}, column ${j}`}
              aria-label={`Row ${i}, column ${j}: ${percent} %`}
              aria-pressed={chosen?.atlas === source.id && chosen.i === i && chosen.j === j}
              onClick={() => select({ pane: STRIPS, cells: [{ atlas: source.id, grid, i, j }] })}
            >
              <CellIcon atlas={source.id} grid={grid} cells={cells} cell={cell} size={to - from > WIDE ? 80 : 32} />
            </button>
          </li>
        )
      })}
      {strip.rest.share > 0 && (
        <li
          className={css['rest']}
          style={{ flexGrow: strip.rest.share }}
          title={`${(100 * strip.rest.share).toFixed(1)} % in ${number(strip.rest.cells)} further cells`}
        />
      )}
      {strip.hidden > 0.0005 && (
        <li
          className={css['hidden']}
          style={{ flexGrow: strip.hidden }}
          title={`${(100 * strip.hidden).toFixed(1)} % in hidden cells (too few samples)`}
        />
      )}
    </ul>
  )
}
