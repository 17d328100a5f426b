import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { LayerShare } from '../../electron/contract/class-atlas.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { PARTS } from '../state/scopes.ts'
import { select, useView } from '../state/view.ts'
import { Failure } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { CellIcon } from './CellIcon.tsx'
import { negativeStrip, positiveStrip, type Strip } from './strip.ts'
import css from './strips.module.css'
import { gridNear } from './use-origins.ts'
import { useSources } from './use-scoped.ts'

/** Names the strips' part of the selection: their cells are of whole atlases. */
const STRIPS = PARTS + 90
/** Along an edge: few enough that a part of the strip is wide enough for its icon. */
const CELLS = 10
/** A part of this share is wider than a small icon. */
const WIDE = 0.035
/** Layers in one question at most. */
const MOST = 16

interface LayerStripsProps {
  readonly class: number
  /** Of a comparison, the class on the left; `class` is the one on the right. */
  readonly against: number | null
}

/** For every layer of the model: how much of what speaks for a class each cell carries. */
export function LayerStrips({ class: index, against }: LayerStripsProps): ReactNode {
  const { className } = useProject()
  const { all } = useSources()
  const sources = all.slice(0, MOST)
  const grids = sources.flatMap(source => {
    const grid = gridNear(source, CELLS)
    return grid === undefined ? [] : [{ atlas: source.id, grid }]
  })
  const shares = useCall('classAtlas.layers', grids.length > 0 ? { grids, class: index, against } : null)
  const name = className(index)
  return (
    <section className={css['strips']} aria-label="Across layers">
      <header>
        <h3>
          {against === null
            ? `What speaks for ${name}, by layer and cell`
            : `${className(against)} or ${name}, by layer and cell`}
        </h3>
        <p>
          {against === null
            ? 'Width is share of the attribution; grey is in cells too small to be shown'
            : `To the left what speaks more for ${className(against)}, to the right what speaks more for ${name}`}
        </p>
      </header>
      {shares.error && <Failure error={shares.error} />}
      <div className={css['table']}>
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
      ? 'nothing'
      : strip.half === 0
        ? `${number(Math.round(strip.total))} logits, over half in cells not shown`
        : `${number(Math.round(strip.total))} logits, half of it in ${number(strip.half)} of ${number(share.cells.length)} cells`
  return (
    <>
      <span className={css['layer']}>{source.layer}</span>
      {both ? (
        <div className={css['both']}>
          <div style={{ width: `${(100 * negative.total) / (sides || 1)}%` }}>
            <Parts strip={negative} source={source} share={share} reversed />
          </div>
          <div style={{ width: `${(100 * positive.total) / (sides || 1)}%` }}>
            <Parts strip={positive} source={source} share={share} reversed={false} />
          </div>
        </div>
      ) : (
        <Parts strip={positive} source={source} share={share} reversed={false} />
      )}
      <span className={css['sum']}>
        {both ? `${number(Math.round(negative.total))} | ${number(Math.round(positive.total))} logits` : text(positive)}
      </span>
    </>
  )
}

interface PartsProps {
  readonly strip: Strip
  readonly source: AtlasSummary
  readonly share: LayerShare
  readonly reversed: boolean
}

/** The strip itself: one piece of icon a cell, the widest first. */
function Parts({ strip, source, share, reversed }: PartsProps): ReactNode {
  const { grid } = share
  const { data: cells } = useCall('atlas.cells', { atlas: source.id, grid })
  const chosen = useView(state => (state.selection?.pane === STRIPS ? state.selection.cells[0] : undefined))
  if (!cells) return <div className={css['parts']} />
  return (
    <ul className={css['parts']} data-reversed={reversed} aria-label={`${source.layer}: cells by what they carry`}>
      {strip.parts.map(({ cell, from, to }) => {
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
          title={`${(100 * strip.hidden).toFixed(1)} % in cells with too few samples to be shown`}
        />
      )}
    </ul>
  )
}
