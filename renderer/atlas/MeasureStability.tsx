import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { STABILITY_SEEDS } from '../../electron/contract/stability.ts'
import { JobBar } from '../jobs/JobBar.tsx'
import { useJobOf } from '../jobs/use-job.ts'
import { attempt } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'

/** Starts the measurement of a map's stability, or shows its progress. */
export function MeasureStability({ atlas }: { readonly atlas: AtlasSummary }): ReactNode {
  const job = useJobOf('layout', atlas.layout)
  if (job !== undefined && job.state !== 'done') return <JobBar job={job} />
  return (
    <Button
      title={`Lays the samples out by ${STABILITY_SEEDS - 1} further seeds, which takes ${STABILITY_SEEDS - 1} times as long as the layout of the map, and compares`}
      onClick={() => void attempt(() => call('atlas.measureStability', { atlas: atlas.id }))}
    >
      Measure stability
    </Button>
  )
}
