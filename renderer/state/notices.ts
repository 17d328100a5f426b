import { create } from 'zustand'
import { reason } from '../../electron/contract/errors.ts'
import type { EventOf } from '../../electron/contract/events.ts'
import type { Refused } from '../../electron/contract/project.ts'

type Notice = EventOf<'notice'>

/** The last sentence for the reader that no view shows by itself. */
export const useNotice = create<{ readonly notice: Notice | null }>(() => ({ notice: null }))

export const notify = (text: string, level: Notice['level'] = 'info'): void =>
  useNotice.setState({ notice: { level, text } })

/** Notifies about what was left out, each with its reason; not at all where nothing was. */
export function notifyLeftOut([first, ...rest]: readonly string[]): void {
  if (first === undefined) return
  notify(rest.length === 0 ? `Left out: ${first}` : `Left out: ${first}; and ${rest.length} more`, 'warning')
}

/** A file that was left out, with its reason. */
export const refusalText = ({ file, reason }: Refused): string => `${file}: ${reason}`

/** Do something and tell the reader where it fails. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notify(reason(error), 'error')
  }
}
