import { type CSSProperties, type ReactNode, useState } from 'react'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import type { SeparatingCell } from '../../electron/contract/comparison.ts'
import { intervalsText, NOT_CROSS_FITTED, tooFewText } from '../../electron/contract/inference.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { suggestFrom } from '../patch/lab.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { select, useView } from '../state/view.ts'
import { Button, Empty, Failure, Segments } from '../ui/controls.tsx'
import { Picture } from '../ui/Picture.tsx'
import panel from '../ui/panel.module.css'
import { count, signedText } from '../ui/text.ts'
import { across } from './axis.ts'
import css from './ranking.module.css'

/** Rows per page. */
const PAGE = 40

interface RankingProps {
  readonly atlas: ClassAtlas
  readonly grid: number
  readonly classes: readonly [left: number, right: number]
  /** The pane of the map, whose selection is used. */
  readonly pane: number
}

/** The cells that separate two classes, most separated first, with intervals and other classes. */
export function Ranking({ atlas, grid, classes, pane }: RankingProps): ReactNode {
  const { className, published } = useProject()
  const [toward, setToward] = useState<'left' | 'right' | 'both'>('both')
  const [limit, setLimit] = useState(PAGE)
  const { scope } = atlas
  const swap = scope.kind === 'comparison' && scope.left !== classes[0]
  const result = useCall('comparison.ranked', { atlas: atlas.id, grid, swap, toward, limit })
  const cells = result.data?.cells
  const ends = (cells ?? []).flatMap(({ difference, low, high }) => [difference, low ?? 0, high ?? 0])
  const scale = Math.max(...ends.map(Math.abs), 1e-6)
  const crossFitted = scope.kind === 'comparison' && scope.crossFit !== null
  return (
    <section className={panel['panel']} aria-label="Separating cells">
      <header className={panel['head']}>
        <h2>Separating cells</h2>
      </header>
      <div className={css['tools']}>
        <Segments
          label="Side"
          value={toward}
          options={[
            ['both', 'Both'],
            ['left', className(classes[0])],
            ['right', className(classes[1])],
          ]}
          onChange={setToward}
        />
        <p>
          {`Mean attribution difference, most separated first. ${intervalsText(result.data?.tested ?? 0)}. `}
          {crossFitted
            ? `Significant: beyond 0 and the mean of all samples (${signedText(result.data?.mean ?? 0)}), in cells cut by the other half of the photographs; n.s.: not significant.`
            : NOT_CROSS_FITTED}
        </p>
      </div>
      {published === null && <Suggest atlas={atlas} classes={classes} pane={pane} cells={cells ?? []} />}
      {result.error ? (
        <Failure error={result.error} retry={() => void result.refetch()} />
      ) : !cells ? (
        <Empty title="Loading cells…" busy />
      ) : cells.length === 0 ? (
        <Empty title="No cells favour this class" />
      ) : (
        <ol className={css['list']}>
          {cells.map((cell, k) => (
            <Row key={`${cell.cell.i},${cell.cell.j}`} rank={k + 1} cell={cell} scale={scale} pane={pane} />
          ))}
          {cells.length === limit && (
            <li>
              <button type="button" className={css['more']} onClick={() => setLimit(limit + PAGE)}>
                Show more
              </button>
            </li>
          )}
        </ol>
      )}
    </section>
  )
}

/** A cell that separates the classes suggests patches that move photographs of the other class to the one it favours. */
function Suggest({
  atlas,
  classes,
  pane,
  cells,
}: Pick<RankingProps, 'atlas' | 'classes' | 'pane'> & { readonly cells: readonly SeparatingCell[] }): ReactNode {
  const { key, className } = useProject()
  const selection = useView(state => state.selection)
  const chosen = selection?.pane === pane ? selection.cells : []
  const favoured = cells.filter(({ cell }) => chosen.some(each => sameCell(each, cell)))
  const side = favoured[0]?.toward
  if (side === undefined) return null
  const [source, target] = side === 'right' ? classes : [classes[1], classes[0]]
  const from = favoured.filter(({ toward }) => toward === side).map(({ cell }) => cell)
  return (
    <div className={css['tools']}>
      <Button onClick={() => suggestFrom(key, { model: atlas.model, source, target, cells: from.slice(0, 64) })}>
        {`Suggest patches from ${from.length === 1 ? 'this cell' : `these ${from.length} cells`}`}
      </Button>
      <p>{`To change predictions from ${className(source)} to ${className(target)}.`}</p>
    </div>
  )
}

const sameCell = (a: CellRef, b: CellRef): boolean =>
  a.atlas === b.atlas && a.grid === b.grid && a.i === b.i && a.j === b.j

interface RowProps {
  readonly rank: number
  readonly cell: SeparatingCell
  readonly scale: number
  readonly pane: number
}

function Row({ rank, cell, scale, pane }: RowProps): ReactNode {
  const { key, className } = useProject()
  const chosen = useView(state => {
    const first = state.selection?.pane === pane ? state.selection.cells[0] : undefined
    return first !== undefined && sameCell(first, cell.cell)
  })
  const [first, ...otherClasses] = cell.otherClasses.map(t => className(t.index))
  const tooFew = tooFewText(cell.photographs)
  const at = (value: number): string => `${100 * across(value, scale)}%`
  const { low, high } = cell
  const whisker: CSSProperties | undefined =
    low === null || high === null ? undefined : { left: at(low), width: `calc(${at(high)} - ${at(low)})` }
  return (
    <li>
      <button
        type="button"
        className={css['row']}
        aria-pressed={chosen}
        data-side={cell.toward}
        data-significant={cell.significant}
        onClick={() => select({ pane, cells: [cell.cell] })}
      >
        <span className={css['rank']}>{rank}</span>
        {cell.state > 0 ? <Picture picture={{ kind: 'icon', project: key, key: cell.icon }} alt="" /> : <i />}
        <span className={css['text']}>
          <strong title={first}>{first ?? 'no other class'}</strong>
          <small title={otherClasses.join(', ')}>{otherClasses.slice(0, 2).join(', ')}</small>
          <small title={count(cell.count, 'sample')}>{count(cell.photographs, 'photograph')}</small>
        </span>
        <span className={css['value']}>
          <b>
            {low !== null && !cell.significant && <abbr title="not significant">n.s.</abbr>}{' '}
            {signedText(cell.difference)}
          </b>
          <span className={css['plot']} aria-hidden>
            {whisker && <i style={whisker} />}
            <b style={{ left: at(cell.difference) }} />
          </span>
          <small>{low === null || high === null ? tooFew : `${signedText(low)} to ${signedText(high)}`}</small>
        </span>
      </button>
    </li>
  )
}
