import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import css from './app.module.css'
import type { Command } from './commands.ts'

const MOST = 60

/** Everything by name: Ctrl or Cmd and K. */
export function Palette({
  commands,
  onClose,
}: {
  readonly commands: readonly Command[]
  readonly onClose: () => void
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [current, setCurrent] = useState(0)
  useEffect(() => dialog.current?.showModal(), [])
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    return commands.filter(c => words.every(w => c.text.toLowerCase().includes(w))).slice(0, MOST)
  }, [commands, text])
  const run = (command: Command | undefined): void => {
    onClose()
    command?.run()
  }
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      const next = (current + step + found.length) % Math.max(1, found.length)
      setCurrent(next)
      document.getElementById(`command-${found[next]?.id}`)?.scrollIntoView({ block: 'nearest' })
      event.preventDefault()
    }
    if (event.key === 'Enter') run(found[current])
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
        aria-activedescendant={found[current] ? `command-${found[current].id}` : undefined}
        aria-label="Command, atlas or class"
        placeholder="Command, atlas or class"
        value={text}
        onChange={event => {
          setText(event.target.value)
          setCurrent(0)
        }}
      />
      <div id="commands" className={css['found']} role="listbox" aria-label="Found">
        {found.map((command, k) => (
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
            <small>{command.keys ?? command.group}</small>
          </div>
        ))}
        {found.length === 0 && (
          <div role="option" aria-selected={false} tabIndex={-1}>
            Nothing is called that
          </div>
        )}
      </div>
    </dialog>
  )
}
