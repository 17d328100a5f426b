import { useEffect } from 'react'
import { COMMANDS } from './commands.ts'
import { matches } from './keys.ts'

/** Commands that a text field handles itself. */
const EDITING = new Set(['undo', 'redo', 'redo-alternative', 'select-all'])

/** The shortcuts of all commands, anywhere in the window except in text fields and open dialogs. */
export function useKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const bare = !event.ctrlKey && !event.metaKey
      // Keys without Ctrl or Cmd belong to the focused element, except function keys.
      if (bare && !/^F\d+$/.test(event.key)) return
      const command = COMMANDS.find(c => c.keys !== undefined && matches(event, c.keys))
      if (command === undefined) return
      const { target } = event
      const inTextField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
      if (inTextField && EDITING.has(command.id)) return
      event.preventDefault()
      if (document.querySelector('dialog[open]') === null) command.run()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}
