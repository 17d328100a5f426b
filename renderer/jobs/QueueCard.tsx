import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../state/queries.ts'
import page from '../ui/page.module.css'
import { capitalised, count, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'

/** Milliseconds between two looks at the queue while it is shown. */
const LOOK = 3_000

/** The queue that jobs are divided among, and its workers; nothing where there is none. */
export function QueueCard(): ReactNode {
  const state = useQuery({
    queryKey: ['queue.state', {}],
    queryFn: () => call('queue.state', {}),
    refetchInterval: ({ state: { data } }) => (data?.address === null ? false : LOOK),
  })
  if (!state.data || state.data.address === null) return null
  const { address, problem, waiting, active, workers } = state.data
  return (
    <article className={page['card']} aria-label="Queue">
      <header>
        <h2>{`Queue at ${address}`}</h2>
        <span className={ui['badge']} style={problem === null ? undefined : { color: 'var(--danger)' }}>
          {problem === null ? count(workers.length, 'worker') : 'Away'}
        </span>
      </header>
      {problem !== null && <p style={{ color: 'var(--danger)' }}>{capitalised(problem)}</p>}
      {problem === null && (
        <p>{`${count(waiting, 'unit')} waiting, ${number(active)} being performed.${workers.length === 0 ? ' Start portolan worker --queue on a machine to have them performed.' : ''}`}</p>
      )}
      {workers.length > 0 && (
        <table className={page['table']}>
          <thead>
            <tr>
              <th>Worker</th>
              <th>Device</th>
              <th className={page['num']}>Units a minute</th>
              <th className={page['num']}>Units</th>
              <th className={page['num']}>Icons</th>
              <th className={page['num']}>Samples</th>
              <th className={page['num']}>Failures</th>
            </tr>
          </thead>
          <tbody>
            {workers.map(worker => (
              <tr key={worker.id}>
                <td>{worker.name}</td>
                <td>{worker.device === '' ? worker.runtime : `${worker.runtime}, ${worker.device}`}</td>
                <td className={page['num']}>{number(worker.perMinute)}</td>
                <td className={page['num']}>{number(worker.units)}</td>
                <td className={page['num']}>{number(worker.icons)}</td>
                <td className={page['num']}>{number(worker.samples)}</td>
                <td className={page['num']} style={worker.failures > 0 ? { color: 'var(--danger)' } : undefined}>
                  {number(worker.failures)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  )
}
