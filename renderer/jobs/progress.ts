import { create } from 'zustand'
import type { JobProgress } from '../../electron/contract/jobs.ts'
import { on } from '../state/queries.ts'

/** The last report of every job that runs; dropped when the job ends. */
export const useProgress = create<Readonly<Record<number, JobProgress | undefined>>>(() => ({}))

/** @returns ends it */
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
