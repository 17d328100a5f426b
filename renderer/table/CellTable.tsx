import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, Download, X } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { labelName } from '../../electron/contract/cell-labels.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { measured } from '../atlas/cell-measures.ts'
import { PLAIN } from '../atlas/look.ts'
import { useShownPanes } from '../atlas/use-linked-cells.ts'
import { useSpread } from '../atlas/use-spread.ts'
import { CellIcon } from '../compare/CellIcon.tsx'
import { cellsCsv, saveText } from '../export/cells-csv.ts'
import { classMeasure, type Measure, measuredClass, useCellRanges } from '../state/cell-range.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { cameraOf, change, lookAt, select, useHover, useView } from '../state/view.ts'
import { Button, Empty, IconButton, Select } from '../ui/controls.tsx'
import { TERMS } from '../ui/terms.ts'
import { count, decimal, number } from '../ui/text.ts'
import { Histogram } from './Histogram.tsx'
import { ordered } from './order.ts'
import css from './table.module.css'

const ROW = 36

/** The cells of the active pane as a table that is linked to the map, and a histogram that filters them. */
export function CellTable(): ReactNode {
  const { active, panes, selection } = useView()
  const { atlases, className } = useProject()
  const shown = useShownPanes(state => state[active])
  const range = useCellRanges(state => state[active])
  const classes = panes.find(p => p.id === active)?.filter.classes ?? []
  const [sort, setSort] = useState<{ readonly measure: Measure; readonly descending: boolean }>({
    measure: 'samples',
    descending: true,
  })
  const box = useRef<HTMLTableSectionElement>(null)
  const cells = shown?.index.cells
  const look = shown?.look ?? PLAIN
  const strongest = useCall('atlas.classes', shown && cells ? { atlas: shown.atlas, grid: cells.grid, each: 1 } : null)
  const spread = useSpread(shown?.atlas, cells?.grid, true)
  const measures: readonly Measure[] = ['samples', 'fidelity', 'spread', ...classes.map(classMeasure)]
  // A class that was taken out of the filter is measured no more.
  const measure = measures.includes(sort.measure) ? sort.measure : 'samples'
  const values = cells && measured(measure, cells, look, classes, spread)
  const order = useMemo(() => (values ? ordered(values, sort.descending) : []), [values, sort.descending])
  const rows = useVirtualizer({
    count: order.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 6,
  })
  const first = selection?.pane === active ? selection.cells[0] : undefined
  const at = first && cells && first.grid === cells.grid ? shown.index.at(first.i, first.j) : -1
  useEffect(() => {
    const row = at < 0 ? -1 : order.indexOf(at)
    if (row >= 0) rows.scrollToIndex(row)
  }, [at, order, rows])
  if (!shown || !cells) return <Empty title="Loading the cells…" busy />
  const nameOf = (one: Measure): string => {
    const index = measuredClass(one)
    return index === undefined ? one : className(index)
  }
  const refOf = (k: number): CellRef => ({ atlas: shown.atlas, grid: cells.grid, i: cells.i[k]!, j: cells.j[k]! })
  const pick = (k: number): void => {
    select({ pane: active, cells: [refOf(k)] })
    lookAt(active, {
      ...cameraOf(active),
      x: (cells.j[k]! + 0.5) / cells.grid,
      y: (cells.i[k]! + 0.5) / cells.grid,
    })
  }
  const save = (): Promise<unknown> => {
    const attributions = look.classes.map((one, k) => ({ name: className(classes[k]!), values: one.values }))
    return saveText(
      'cells.csv',
      cellsCsv({ cells, grid: cells.grid, labels: shown.labels, attributions, spread: spread?.values, among: order }),
    )
  }
  const layer = atlases.find(a => a.id === shown.atlas)?.layer ?? ''
  return (
    <section className={css['dock']} aria-label="Table of cells">
      <header>
        <h2>{`${layer}, ${cells.grid} × ${cells.grid}: ${count(order.length, 'cell')}`}</h2>
        <Select
          label="Measure"
          value={measure}
          onChange={event => {
            const chosen = measures.find(one => one === event.target.value)
            if (chosen) setSort({ measure: chosen, descending: true })
          }}
        >
          {measures.map(one => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </Select>
        <Button onClick={() => void attempt(save)}>
          <Download size={14} aria-hidden /> CSV
        </Button>
        <IconButton label="Close table" onClick={() => change({ tableOpen: false })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className={css['body']}>
        <table className={css['table']} aria-label="Cells" aria-rowcount={order.length + 1}>
          <thead>
            <tr className={css['row']} data-head>
              <th aria-label="Icon" />
              <th>Label or strongest class</th>
              <th>Row, column</th>
              {measures.map(one => (
                <th key={one} aria-sort={one === measure ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
                  <button
                    type="button"
                    title={one === 'spread' ? `${TERMS.spread} Sort by it.` : `Sort by ${nameOf(one)}`}
                    onClick={() => setSort({ measure: one, descending: one !== measure || !sort.descending })}
                  >
                    <b>{nameOf(one)}</b>
                    {one === measure &&
                      (sort.descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={box} className={css['rows']}>
            {/* As high as all rows, of which only those in view are there. */}
            <tr aria-hidden className={css['spacer']} style={{ height: rows.getTotalSize() }} />
            {rows.getVirtualItems().map(({ index: place, start }) => {
              const k = order[place]!
              const label = shown.labels?.cells[k]
              const largest = strongest.data?.index[k] ?? -1
              const name = label ? labelName(label) : largest >= 0 ? className(largest) : 'no class'
              return (
                <tr
                  key={k}
                  aria-rowindex={place + 2}
                  data-current={k === at}
                  className={css['row']}
                  style={{ transform: `translateY(${start}px)` }}
                  onPointerEnter={() => useHover.setState({ pane: active, cell: refOf(k) })}
                  onPointerLeave={() => useHover.setState({ pane: active, cell: null })}
                >
                  <td>
                    <CellIcon atlas={shown.atlas} grid={cells.grid} cells={cells} cell={k} />
                  </td>
                  <td>
                    <button type="button" data-reliable={label != null} aria-pressed={k === at} onClick={() => pick(k)}>
                      {name}
                    </button>
                  </td>
                  <td>{`${cells.i[k]}, ${cells.j[k]}`}</td>
                  {measures.map(one => (
                    <td key={one}>{textOf(one, measured(one, cells, look, classes, spread)?.[k])}</td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
        {values && <Histogram pane={active} measure={measure} name={nameOf(measure)} values={values} range={range} />}
      </div>
    </section>
  )
}

const textOf = (measure: Measure, value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return '–'
  return measure === 'samples' ? number(value) : decimal(value)
}
