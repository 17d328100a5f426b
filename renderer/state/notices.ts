import { create } from 'zustand'
import { reason } from '../../electron/contract/errors.ts'
import type { EventOf } from '../../electron/contract/events.ts'
import type { Refused } from '../../electron/contract/project.ts'

type Level = EventOf<'notice'>['level']

export interface Notice {
  readonly id: number
  readonly level: Level
  readonly text: string
}

/** More would cover the view: the oldest goes first. */
const MAX_NOTICES = 3
/** How long information is shown, ms; warnings and errors stay until they are closed. */
const SHOWN_FOR = 8000

/** The notices over the view, oldest first. They belong to the project that is open. */
export const useNotices = create<readonly Notice[]>(() => [])

let lastId = 0

export function notify(text: string, level: Level = 'info'): void {
  const id = ++lastId
  const others = useNotices.getState().filter(notice => notice.text !== text)
  useNotices.setState([...others, { id, level, text }].slice(-MAX_NOTICES), true)
  if (level === 'info') setTimeout(() => dismiss(id), SHOWN_FOR)
}

export function dismiss(id: number): void {
  useNotices.setState(
    useNotices.getState().filter(notice => notice.id !== id),
    true,
  )
}

/** Removes the notices of a project that is closed. */
export function dismissAll(): void {
  useNotices.setState([], true)
}

/** Notifies about skipped items and the reason for the first; does nothing without any. */
export function notifySkipped([first, ...rest]: readonly string[]): void {
  if (first === undefined) return
  notify(rest.length === 0 ? `Skipped: ${first}` : `Skipped: ${first}; and ${rest.length} more`, 'warning')
}

/** A skipped file with the reason. */
export function refusalText({ file, reason }: Refused): string {
  return `${file}: ${reason}`
}

/** Runs an action and notifies the user of an error. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notify(reason(error), 'error')
  }
}
