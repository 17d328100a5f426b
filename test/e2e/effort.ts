import type { Page } from 'playwright-core'

/** What a task took: presses of the pointer, keys (with their modifiers as one), and characters that were typed. */
export interface Effort {
  readonly clicks: number
  readonly keys: number
  readonly typed: number
}

/** Counts what reaches the page from the pointer and the keyboard while a task is done. */
export async function effortOf(page: Page, task: () => Promise<void>): Promise<Effort> {
  await page.evaluate(() => {
    const counts = { clicks: 0, keys: 0, typed: 0 }
    const ends = new AbortController()
    const options = { capture: true, signal: ends.signal }
    addEventListener('pointerdown', ({ isTrusted }) => isTrusted && counts.clicks++, options)
    addEventListener(
      'keydown',
      ({ isTrusted, key, ctrlKey, metaKey }) => {
        if (!isTrusted || ['Control', 'Shift', 'Alt', 'Meta'].includes(key)) return
        if (key.length === 1 && !ctrlKey && !metaKey) counts.typed++
        else counts.keys++
      },
      options,
    )
    Object.assign(globalThis, {
      effort: () => {
        ends.abort()
        return counts
      },
    })
  })
  await task()
  return page.evaluate(() => (globalThis as unknown as { effort: () => Effort }).effort())
}
