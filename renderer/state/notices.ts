import { create } from 'zustand'
import { reason } from '../../electron/contract/errors.ts'
import type { EventOf } from '../../electron/contract/events.ts'
import type { Refused } from '../../electron/contract/project.ts'

type Notice = EventOf<'notice'>

/** The last notice, shown above every view. */
export const useNotice = create<{ readonly notice: Notice | null }>(() => ({ notice: null }))

export function notify(text: string, level: Notice['level'] = 'info'): void {
  useNotice.setState({ notice: { level, text } })
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
