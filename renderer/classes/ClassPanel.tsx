import { useVirtualizer } from '@tanstack/react-virtual'
import { X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useDeferredValue, useMemo, useRef, useState } from 'react'
import type { ClassInfo } from '../../electron/contract/project.ts'
import { classColour, css as colourOf } from '../atlas/colours.ts'
import { ClassActions } from '../compare/ClassActions.tsx'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { change, changeFilter, toggleClass, useView } from '../state/view.ts'
import { Button, Empty, IconButton, Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count, decimal, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { listedClasses, strongestOf } from './match.ts'

const ROW = 32
/** Strengths are those of the finest grid with at most so many cells per side: finer cells are few samples each. */
const MAX_GRID = 40
const NONE: readonly number[] = []

/** All classes of the model, with search: the selected ones colour the active pane by attribution. */
export function ClassPanel({ classes }: { readonly classes: readonly ClassInfo[] }): ReactNode {
  const [text, setText] = useState('')
  const query = useDeferredValue(text)
  const { panes, active } = useView()
  const pane = panes.find(p => p.id === active)
  const chosen = pane?.filter.classes ?? NONE
  const [order, setOrder] = useState<'strength' | 'index'>('strength')
  const { atlases } = useProject()
  const atlas = atlases.find(a => a.id === pane?.atlas) ?? atlases[0]
  const finest = atlas?.grids.findLast(({ grid }) => grid <= MAX_GRID)?.grid
  const { data: strongest } = useCall(
    'atlas.classes',
    order === 'strength' && atlas && finest !== undefined ? { atlas: atlas.id, grid: finest, each: 10 } : null,
  )
  const strength = useMemo(() => strongest && strongestOf(strongest), [strongest])
  const found = useMemo(
    () => listedClasses(classes, query, chosen, order === 'strength' ? strength : undefined),
    [classes, query, chosen, order, strength],
  )
  const [current, setCurrent] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      const next = Math.min(found.length - 1, Math.max(0, current + step))
      setCurrent(next)
      rows.scrollToIndex(next)
      event.preventDefault()
    }
    // Enter applies to the typed text, even if the list has not been updated yet.
    const match = (query === text ? found : listedClasses(classes, text, chosen, strength))[current]
    if (event.key === 'Enter' && match && pane) toggleClass(pane.id, match.index)
    if (event.key === 'Escape') setText('')
  }
  return (
    <aside className={panel['panel']} aria-label="Classes">
      <header className={panel['head']}>
        <h2>Classes</h2>
        {chosen.length > 0 && pane && <Button onClick={() => changeFilter(pane.id, { classes: [] })}>Clear</Button>}
        <IconButton label="Close classes" onClick={() => change({ classesOpen: false })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className={panel['search']}>
        <input
          className={ui['input']}
          type="search"
          // biome-ignore lint/a11y/noAutofocus: opened in order to type
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="class-list"
          aria-activedescendant={found[current] ? `class-${found[current].index}` : undefined}
          placeholder="Name, synset or index"
          aria-label="Search classes"
          value={text}
          onChange={event => {
            setText(event.target.value)
            setCurrent(event.target.value.trim() === '' ? 0 : chosen.length)
          }}
          onKeyDown={move}
        />
        <p className={panel['note']}>
          {found.length === classes.length
            ? count(classes.length, 'class', 'classes')
            : `${number(found.length)} of ${number(classes.length)} classes`}
        </p>
        <Segments
          label="Order"
          value={order}
          options={[
            [
              'strength',
              'By attribution',
              `By the largest mean attribution to a cell of ${atlas?.layer ?? 'the layer'} at ${finest} × ${finest}`,
            ],
            ['index', 'By index', 'In the order of the network, with the number of labelled photographs'],
          ]}
          onChange={setOrder}
        />
        {chosen.length > 0 && <ClassActions classes={chosen.slice(-2)} atlas={pane?.atlas ?? null} />}
      </div>
      {found.length === 0 ? (
        <Empty title="No matches">
          <Button onClick={() => setText('')}>Show all</Button>
        </Empty>
      ) : (
        <div
          ref={box}
          id="class-list"
          className={panel['list']}
          role="listbox"
          aria-multiselectable
          aria-label="Classes"
          tabIndex={-1}
        >
          <div style={{ height: rows.getTotalSize(), position: 'relative' }} role="presentation">
            {rows.getVirtualItems().map(({ index: at, start }) => {
              const one = found[at]!
              const k = chosen.indexOf(one.index)
              return (
                <button
                  key={one.index}
                  id={`class-${one.index}`}
                  type="button"
                  role="option"
                  tabIndex={-1}
                  aria-selected={k >= 0}
                  data-current={at === current}
                  className={panel['option']}
                  style={{ transform: `translateY(${start}px)` }}
                  title={[one.synset, ...one.synonyms].filter(Boolean).join(', ')}
                  onClick={() => {
                    setCurrent(at)
                    if (pane) toggleClass(pane.id, one.index)
                  }}
                >
                  <span
                    className={panel['swatch']}
                    style={k >= 0 ? { background: colourOf(classColour(k)), borderColor: 'transparent' } : undefined}
                  />
                  <span>{one.title}</span>
                  <small
                    title={
                      order === 'strength'
                        ? `Largest mean attribution to a cell at ${finest} × ${finest}, logits`
                        : 'Labelled photographs'
                    }
                  >
                    {order === 'index'
                      ? number(one.photographs)
                      : strength?.has(one.index)
                        ? decimal(strength.get(one.index)!)
                        : '–'}
                  </small>
                </button>
              )
            })}
          </div>
        </div>
      )}
    </aside>
  )
}
