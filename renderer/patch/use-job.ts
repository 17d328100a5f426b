import { useEffect, useRef } from 'react'
import type { CallName } from '../../electron/contract/calls.ts'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import { client, on, useCall } from '../state/queries.ts'

export type LabWork = 'sweep' | 'experiment' | 'suggestion'

/** The last job that worked on something of the lab: its parameters name it. */
export function useJobOf(work: LabWork, id: number | null): JobRecord | undefined {
  const { data } = useCall('jobs.list', {})
  if (id === null) return undefined
  return data
    ?.filter(
      ({ params }) => typeof params === 'object' && params !== null && (params as Record<string, unknown>)[work] === id,
    )
    .toSorted((a, b) => b.id - a.id)[0]
}

/** So often at most what there is by now is fetched while a job runs. */
const EVERY = 1000

/** Fetches these answers again while a job reports, and once more when it ends. */
export function useRefetched(job: JobRecord | undefined, names: readonly CallName[]): void {
  const last = useRef(0)
  const id = job?.id
  const key = names.join()
  useEffect(() => {
    if (id === undefined) return
    const again = (): void => {
      for (const name of key.split(',')) void client.invalidateQueries({ queryKey: [name] })
    }
    const ends = [
      on('job.progress', progress => {
        const now = performance.now()
        if (progress.job !== id || now - last.current < EVERY) return
        last.current = now
        again()
      }),
      on('job.changed', changed => {
        if (changed.id === id) again()
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [id, key])
}
