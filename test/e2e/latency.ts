import type { Page } from 'playwright-core'

/**
 * Time from the last event of a kind that reaches the page while `act` runs to the first frame in which `effect` holds, ms.
 * @param event  what the user does: `pointermove`, `keydown`, `click`
 * @param effect an expression in the page
 */
export async function latency(page: Page, event: string, effect: string, act: () => Promise<unknown>): Promise<number> {
  // As text: the page's policy forbids to make functions of strings within it.
  await page.evaluate(`void (globalThis.latency = new Promise((resolve, reject) => {
    let at
    const note = given => { at = given.timeStamp }
    addEventListener('${event}', note, { capture: true })
    const end = performance.now() + 90_000
    const look = () => {
      const now = performance.now()
      const shown = at !== undefined && (${effect})
      if (!shown && now <= end) return void requestAnimationFrame(look)
      removeEventListener('${event}', note, { capture: true })
      if (shown) resolve(now - at)
      else reject(new Error('nothing followed ${event}'))
    }
    requestAnimationFrame(look)
  }))`)
  // The listener is there before the event: the two reach the page by different ways.
  await act()
  return page.evaluate<number>('globalThis.latency')
}

/** That the map is coloured by a class: its largest attribution is written once the attributions are there. */
export const colouredBy = (name: string): string =>
  `[...document.querySelectorAll('[data-overlay] li')].some(row => row.textContent.includes('${name}max'))`
