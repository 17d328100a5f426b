import { type CSSProperties, type ReactNode, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useTheme } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Pane } from './Pane.tsx'
import css from './pane.module.css'
import { useFirstIcons } from './use-first-icons.ts'
import { useLinkedCells } from './use-linked-cells.ts'

interface WorkspaceProps {
  readonly atlases: readonly AtlasSummary[]
  /** Whether there is room for one pane only: the active one. */
  readonly alone?: boolean
}

/** The number of columns: up to three panes side by side, then two rows. */
export function columnsFor(panes: number): number {
  return panes <= 3 ? panes : panes === 4 ? 2 : 3
}

/** One to six panes; column widths can be dragged. */
export function Workspace({ atlases, alone = false }: WorkspaceProps): ReactNode {
  const { panes, maximised, active } = useView()
  const linked = useLinkedCells()
  // When a window opens, the active pane comes first: preparing several graphics contexts at once would put off the icons of all.
  const others = useFirstIcons()
  const theme = useTheme(state => state.theme)
  const single = alone ? active : maximised
  const visible = single === null ? panes : panes.filter(p => p.id === single)
  const first = visible.find(p => p.id === active) ?? visible[0]
  const columns = columnsFor(visible.length)
  const [widths, setWidths] = useState<readonly number[]>([])
  const parts = widths.length === columns ? widths : Array.from({ length: columns }, () => 1)
  const sum = parts.reduce((a, b) => a + b, 0)
  const resize = (k: number, share: number): void => {
    const before = parts.slice(0, k).reduce((a, b) => a + b, 0) / sum
    const pair = (parts[k]! + parts[k + 1]!) / sum
    const left = Math.min(pair - 0.12, Math.max(0.12, share - before))
    setWidths(parts.map((p, at) => (at === k ? left : at === k + 1 ? pair - left : p / sum)))
  }
  const style: CSSProperties = {
    gridTemplateColumns: parts.map(p => `minmax(0, ${p}fr)`).join(' '),
    gridTemplateRows: `repeat(${Math.ceil(visible.length / columns)}, minmax(0, 1fr))`,
  }
  return (
    <div className={css['workspace']} style={style}>
      {visible.map(pane =>
        others || pane === first ? (
          <Pane key={`${pane.id} ${theme}`} pane={pane} atlases={atlases} linked={linked} />
        ) : (
          <div key={pane.id} className={css['pane']} aria-busy />
        ),
      )}
      {parts.slice(1).map((_, k) => {
        const at = parts.slice(0, k + 1).reduce((a, b) => a + b, 0) / sum
        return (
          // biome-ignore lint/a11y/useSemanticElements: a splitter is a separator that moves
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: the k-th splitter is the k-th splitter
            key={k}
            role="separator"
            tabIndex={0}
            aria-label="Column width"
            aria-orientation="vertical"
            aria-valuenow={Math.round(at * 100)}
            className={css['handle']}
            style={{ left: `${at * 100}%` }}
            onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={event => {
              if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
              const box = event.currentTarget.parentElement!.getBoundingClientRect()
              resize(k, (event.clientX - box.left) / box.width)
            }}
            onKeyDown={event => {
              if (event.key === 'ArrowLeft') resize(k, at - 0.03)
              if (event.key === 'ArrowRight') resize(k, at + 0.03)
            }}
          />
        )
      })}
    </div>
  )
}
