import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassInfo } from '../../electron/contract/project.ts'
import { matchPairs } from '../classes/match.ts'
import { requestAtlases } from '../compare/class-atlases.ts'
import { openClass, openPair } from '../state/class-atlas-form.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { activePane, changePane, show, toggleClass } from '../state/view.ts'
import css from './app.module.css'
import { showBookmark } from './bookmarks.ts'
import { COMMANDS } from './commands.ts'
import { keysText } from './keys.ts'
import { goTo, placeOf } from './navigation.ts'
import { ranked } from './ranked.ts'

const MAX_RESULTS = 60

interface Entry {
  readonly id: string
  readonly text: string
  /** Other words that it is found by. */
  readonly also?: string | undefined
  /** What it is about: searched for before the rest of the text. */
  readonly name?: string
  readonly hint: string
  readonly run: () => void
}

/** The entries: commands, atlases, bookmarks and all classes. */
function useEntries(): readonly Entry[] {
  const { atlases, classes } = useProject()
  const { data: bookmarks } = useCall('saved.list', { kind: 'bookmark' })
  return useMemo(
    () => [
      ...COMMANDS.filter(c => !c.hidden).map(c => ({
        id: c.id,
        text: c.text,
        also: c.also,
        hint: c.keys ? keysText(c.keys) : c.group,
        run: c.run,
      })),
      ...atlases.map(a => ({
        id: `atlas-${a.id}`,
        text: `${a.layer} · ${a.name}`,
        hint: 'Atlas',
        run: () => {
          show('atlas')
          changePane(activePane().id, { atlas: a.id })
        },
      })),
      ...(bookmarks ?? []).map((b, k) => ({
        id: `bookmark-${k}`,
        text: b.name,
        hint: 'Bookmark',
        run: () => showBookmark(b),
      })),
      ...classes.map(c => ({
        id: `class-${c.index}`,
        text: `Filter by ${c.title}`,
        name: c.title,
        hint: 'Class',
        run: () => {
          show('atlas')
          toggleClass(activePane().id, c.index)
        },
      })),
      ...classes.map(c => ({
        id: `class-atlas-${c.index}`,
        text: `Class atlas of ${c.title}`,
        name: c.title,
        hint: 'Class',
        run: () => openClass(c.index),
      })),
      ...classes.map(c => ({
        id: `compare-${c.index}`,
        text: `Compare ${c.title} with …`,
        name: c.title,
        hint: 'Compare',
        run: () => openPair(c.index, null),
      })),
    ],
    [atlases, classes, bookmarks],
  )
}

/** The comparisons of two classes that a text names, in the layer of the active pane; built at once. */
const pairsOf = (classes: readonly ClassInfo[], atlases: readonly AtlasSummary[], text: string): readonly Entry[] =>
  matchPairs(classes, text).map(([a, b]) => ({
    id: `pair-${a.index}-${b.index}`,
    text: `Compare ${a.title} with ${b.title}`,
    hint: 'Compare',
    run: () => {
      const source = atlases.find(({ id }) => id === activePane().atlas) ?? atlases[0]
      if (source === undefined) return
      openPair(a.index, b.index, [source.id])
      void requestAtlases([source], [a.index, b.index])
    },
  }))

/** The command palette: Ctrl or Cmd and K. */
export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const { key, classes, atlases } = useProject()
  const entries = useEntries()
  const [text, setText] = useState('')
  const [current, setCurrent] = useState(0)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  const place = placeOf(text, key)
  const results = useMemo((): readonly Entry[] => {
    if (typeof place === 'string') return [{ id: 'other-project', text: place, hint: 'Link', run: () => {} }]
    if (place) return [{ id: 'link', text: 'Open link', hint: 'Link', run: () => void attempt(() => goTo(place)) }]
    return [...pairsOf(classes, atlases, text), ...ranked(entries, text)].slice(0, MAX_RESULTS)
  }, [entries, classes, atlases, text, place])
  const run = (command: Entry | undefined): void => {
    onClose()
    command?.run()
  }
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      const next = (current + step + results.length) % Math.max(1, results.length)
      setCurrent(next)
      document.getElementById(`command-${results[next]?.id}`)?.scrollIntoView({ block: 'nearest' })
      event.preventDefault()
    }
    if (event.key === 'Enter') run(results[current])
  }
  return (
    <dialog
      ref={dialog}
      className={css['palette']}
      aria-label="Commands"
      onClose={onClose}
      onClick={event => event.target === dialog.current && onClose()}
      onKeyDown={keys}
    >
      <input
        role="combobox"
        aria-expanded
        aria-controls="commands"
        aria-activedescendant={results[current] ? `command-${results[current].id}` : undefined}
        aria-label="Command, atlas, bookmark, class or link"
        placeholder="Command, atlas, bookmark, class, two classes (a | b) or link"
        value={text}
        onChange={event => {
          setText(event.target.value)
          setCurrent(0)
        }}
      />
      <div id="commands" className={css['results']} role="listbox" aria-label="Results">
        {results.map((command, k) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys
          <div
            key={command.id}
            id={`command-${command.id}`}
            role="option"
            aria-selected={k === current}
            tabIndex={-1}
            onPointerMove={() => setCurrent(k)}
            onClick={() => run(command)}
          >
            <span>{command.text}</span>
            <small>{command.hint}</small>
          </div>
        ))}
        {results.length === 0 && (
          <div role="option" aria-selected={false} tabIndex={-1}>
            No matches
          </div>
        )}
      </div>
    </dialog>
  )
}
