import { useEffect } from 'react'
import { COMMANDS } from './commands.ts'
import { matches } from './keys.ts'

/** What a text field does by itself. */
const EDITING = new Set(['undo', 'redo', 'redo-too', 'select-all'])

/** The shortcuts of all commands, anywhere in the window, save where one writes or a dialog is open. */
export function useKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const bare = !event.ctrlKey && !event.metaKey
      // Keys without Ctrl or Cmd belong to what has the focus, save F1.
      if (bare && !/^F\d+$/.test(event.key)) return
      const command = COMMANDS.find(c => c.keys !== undefined && matches(event, c.keys))
      if (command === undefined) return
      const { target } = event
      const writing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
      if (writing && EDITING.has(command.id)) return
      event.preventDefault()
      if (document.querySelector('dialog[open]') === null) command.run()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}
