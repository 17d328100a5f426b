import { create } from 'zustand'
import { reason } from '../../electron/contract/errors.ts'
import type { EventOf } from '../../electron/contract/events.ts'

type Notice = EventOf<'notice'>

/** The last sentence for the reader that no view shows by itself. */
export const useNotice = create<{ readonly notice: Notice | null }>(() => ({ notice: null }))

export const notify = (text: string, level: Notice['level'] = 'info'): void =>
  useNotice.setState({ notice: { level, text } })

/** What was not taken, in one notice. */
export const leftOut = ([first, ...rest]: readonly string[]): string =>
  rest.length === 0 ? `Left out: ${first}` : `Left out: ${first}; and ${rest.length} more`

/** Do something and tell the reader where it fails. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notify(reason(error), 'error')
  }
}
