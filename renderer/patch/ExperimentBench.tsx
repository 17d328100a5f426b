import { type ReactNode, useState } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'
import css from './bench.module.css'
import { ExperimentForm } from './ExperimentForm.tsx'
import { ExperimentView } from './ExperimentView.tsx'
import { change, useLab } from './lab.ts'

/** Patches measured on many photographs: planned, run, and read. */
export function ExperimentBench({ model }: { readonly model: ModelInfo }): ReactNode {
  const list = useCall('experiment.list', {})
  const { experiment } = useLab()
  const [planning, setPlanning] = useState(false)
  const shown = planning ? null : (experiment ?? list.data?.[0]?.id ?? null)
  return (
    <div className={css['bench']}>
      <aside className={css['side']} aria-label="Experiments">
        <h2 className={panel['label']}>Experiments</h2>
        <Button look="primary" disabled={planning} onClick={() => setPlanning(true)}>
          Plan a new one
        </Button>
        <ul className={css['made']}>
          {list.data?.map(({ id, plan, created, finished, done, total }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === shown}
                onClick={() => {
                  setPlanning(false)
                  change({ experiment: id })
                }}
              >
                <span>{plan.name}</span>
                <small>
                  {finished === null
                    ? `${number(done)} of ${total === 0 ? '?' : number(total)}`
                    : new Date(created).toLocaleDateString('en-GB')}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      <div className={css['main']}>
        {shown === null ? (
          list.data && <ExperimentForm model={model} onStarted={() => setPlanning(false)} />
        ) : (
          <ExperimentView key={shown} id={shown} />
        )}
      </div>
    </div>
  )
}
