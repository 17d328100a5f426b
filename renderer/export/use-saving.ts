import { useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'

interface Saving {
  readonly busy: boolean
  /** Why the last one failed; empty otherwise. */
  readonly problem: string
  readonly save: (work: () => Promise<void>) => void
}

/** Saves one file at a time, and keeps the reason of a failure. */
export function useSaving(): Saving {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const attempted = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      await work()
    } catch (error) {
      setProblem(reason(error))
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, save: work => void attempted(work) }
}
