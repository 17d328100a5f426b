import { useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'

interface Busy {
  readonly busy: boolean
  /** Why the last one failed; empty otherwise. */
  readonly problem: string
  readonly run: (work: () => Promise<void>) => void
}

/** Runs the work of a dialog, during which its buttons are disabled, and keeps the reason of a failure. */
export function useBusy(): Busy {
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
  return { busy, problem, run: work => void attempted(work) }
}
