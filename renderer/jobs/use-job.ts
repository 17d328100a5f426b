import { useEffect, useRef } from 'react'
import type { CallName } from '../../electron/contract/calls.ts'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import { client, on, useCall } from '../state/queries.ts'

/** What the parameters of a job name: by number, a layout by its key. */
type Item = 'sweep' | 'experiment' | 'suggestion' | 'layout'

/** The last job of an item, which its parameters name. */
export function useJobOf(item: Item, id: number | string | null): JobRecord | undefined {
  const { data } = useCall('jobs.list', {})
  if (id === null) return undefined
  return data
    ?.filter(
      ({ params }) => typeof params === 'object' && params !== null && (params as Record<string, unknown>)[item] === id,
    )
    .toSorted((a, b) => b.id - a.id)[0]
}

/** Minimum interval between reloads of partial results, ms. */
const RELOAD_INTERVAL = 1000

/** Reloads results while a job reports progress, and once when it ends. */
export function useReloaded(job: JobRecord | undefined, names: readonly CallName[]): void {
  const last = useRef(0)
  const id = job?.id
  const key = names.join()
  useEffect(() => {
    if (id === undefined) return
    const reload = (): void => {
      for (const name of key.split(',')) void client.invalidateQueries({ queryKey: [name] })
    }
    const ends = [
      on('job.progress', progress => {
        const now = performance.now()
        if (progress.job !== id || now - last.current < RELOAD_INTERVAL) return
        last.current = now
        reload()
      }),
      on('job.changed', changed => {
        if (changed.id === id) reload()
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [id, key])
}
