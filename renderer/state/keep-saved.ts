import { call } from './queries.ts'

/** Milliseconds after the last change. */
const DELAY = 800

interface Kept {
  /** Among the saved items of kind `view`. */
  readonly name: string
  /** What there is to save, as JSON. */
  readonly text: () => string
  /** Shows what was saved, unless there is something else already. */
  readonly restore: (value: unknown) => Promise<void> | void
  readonly subscribe: (changed: () => void) => () => void
}

/** Restores a part of the window's state from the project, and then saves it after each change. @returns a function that stops saving */
export function keepSaved({ name, text, restore, subscribe }: Kept): () => void {
  let timer: ReturnType<typeof setTimeout>
  let end = (): void => {}
  let ended = false
  let last = text()
  const restoreSaved = async (): Promise<void> => {
    const items = await call('saved.list', { kind: 'view' })
    const saved = items.find(item => item.name === name)
    if (saved !== undefined && !ended) await restore(saved.value)
  }
  const begin = (): void => {
    if (ended) return
    last = text()
    end = subscribe(() => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        const now = text()
        if (now === last) return
        last = now
        // A failed save needs no message: the next change retries.
        call('saved.save', { kind: 'view', name, value: JSON.parse(now) }).catch(() => {
          last = ''
        })
      }, DELAY)
    })
  }
  // What cannot be restored, such as a photograph that was removed, leaves the initial state; changes are saved all the same.
  void restoreSaved().then(begin, begin)
  return () => {
    ended = true
    clearTimeout(timer)
    end()
  }
}
