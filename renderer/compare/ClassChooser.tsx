import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react'
import type { ClassInfo } from '../../electron/contract/project.ts'
import { matchClasses } from '../classes/match.ts'
import { number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './chooser.module.css'

/** The list is cut off here: a longer query narrows it. */
const MAX_RESULTS = 40

interface ClassChooserProps {
  readonly label: string
  readonly placeholder?: string
  readonly classes: readonly ClassInfo[]
  readonly value: number | null
  readonly onChange: (index: number) => void
  /** A swatch before the name. */
  readonly colour?: string
  /** Takes the focus when it appears. */
  readonly first?: boolean
}

/** Selects a class by name, synset or index; lists the number of photographs of each class. */
export function ClassChooser({
  label,
  placeholder = 'Name, synset or index',
  classes,
  value,
  onChange,
  colour,
  first = false,
}: ClassChooserProps): ReactNode {
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const [current, setCurrent] = useState(0)
  const open = text !== null
  const found = useMemo(() => (text === null ? [] : matchClasses(classes, text)), [classes, text])
  const listed = found.slice(0, MAX_RESULTS)
  const choose = (one: ClassInfo | undefined): void => {
    if (!one) return
    onChange(one.index)
    setText(null)
  }
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      if (!open) {
        setText('')
        return
      }
      const next = Math.min(listed.length - 1, Math.max(0, current + step))
      setCurrent(next)
      document.getElementById(`${id}-${listed[next]?.index}`)?.scrollIntoView({ block: 'nearest' })
    }
    if (event.key === 'Enter' && open) {
      // Enter selects a class and must not submit the form.
      event.preventDefault()
      choose(listed[current])
    }
    if (event.key === 'Escape' && open) {
      event.stopPropagation()
      setText(null)
    }
  }
  const one = value === null ? undefined : classes[value]
  const name = value === null ? '' : (one?.title ?? `class ${value}`)
  return (
    <div className={css['chooser']} style={colour ? { borderLeftColor: colour } : undefined}>
      <input
        className={ui['input']}
        role="combobox"
        // biome-ignore lint/a11y/noAutofocus: it is what was opened for
        autoFocus={first}
        aria-label={label}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-activedescendant={listed[current] ? `${id}-${listed[current].index}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={text ?? name}
        onFocus={event => event.currentTarget.select()}
        onClick={() => open || setText('')}
        onChange={event => {
          setText(event.target.value)
          setCurrent(0)
        }}
        onKeyDown={move}
        onBlur={() => setText(null)}
      />
      {open && (
        <div className={css['results']}>
          <p>
            {found.length > listed.length
              ? `${number(listed.length)} of ${number(found.length)} classes · photographs on the right`
              : found.length === 0
                ? 'No matches'
                : 'Photographs on the right'}
          </p>
          <div id={`${id}-list`} role="listbox" aria-label={`${label}: results`}>
            {listed.map((one, k) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys
              <div
                key={one.index}
                id={`${id}-${one.index}`}
                role="option"
                tabIndex={-1}
                aria-selected={k === current}
                title={[one.synset, ...one.synonyms].filter(Boolean).join(', ')}
                // The field keeps the focus: a blur would close the list before the click.
                onPointerDown={event => event.preventDefault()}
                onPointerMove={() => setCurrent(k)}
                onClick={() => choose(one)}
              >
                <span>{one.title}</span>
                <small>{one.photographs === 0 ? '–' : number(one.photographs)}</small>
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  )
}
