import { create } from 'zustand'
import type { JobProgress } from '../../electron/contract/jobs.ts'
import { on } from '../state/queries.ts'

/** The last progress of every running job. */
export const useProgress = create<Readonly<Record<number, JobProgress | undefined>>>(() => ({}))

/** Subscribes to the progress of jobs. @returns unsubscribes */
export function followProgress(): () => void {
  const ends = [
    on('job.progress', progress => useProgress.setState({ [progress.job]: progress })),
    on('job.changed', job => {
      if (job.state !== 'running') useProgress.setState({ [job.id]: undefined })
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
