import { useEffect } from 'react'
import type { MenuCommand } from '../../electron/contract/events.ts'
import { type CommandContext, menuCommands } from './commands.ts'

const KEYS: Readonly<Record<string, MenuCommand | 'palette'>> = {
  k: 'palette',
  f: 'find-class',
  z: 'undo',
  Z: 'redo',
  y: 'redo',
  i: 'toggle-inspector',
  1: 'show-atlas',
  2: 'show-image',
  3: 'show-jobs',
  4: 'show-models',
  5: 'show-data',
}

/** Ctrl or Cmd and a key, anywhere in the window, save where one writes. */
export function useKeys(context: CommandContext): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return
      const command = KEYS[event.key]
      if (command === undefined) return
      const writing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (writing && (command === 'undo' || command === 'redo')) return
      event.preventDefault()
      if (command === 'palette') context.openPalette()
      else menuCommands(context)[command]?.()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [context])
}
