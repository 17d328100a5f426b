import { type ReactNode, useState } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'
import { ExperimentForm } from './ExperimentForm.tsx'
import { ExperimentView } from './ExperimentView.tsx'
import { change, useLab } from './lab.ts'
import css from './lab-page.module.css'

/** Experiments: patches tested on many photographs. */
export function ExperimentPage({ model }: { readonly model: ModelInfo }): ReactNode {
  const list = useCall('experiment.list', {})
  const { experiment } = useLab()
  const [planning, setPlanning] = useState(false)
  const shown = planning ? null : (experiment ?? list.data?.[0]?.id ?? null)
  return (
    <div className={css['page']}>
      <aside className={css['side']} aria-label="Experiments">
        <h2 className={panel['label']}>Experiments</h2>
        <Button look="primary" disabled={planning} onClick={() => setPlanning(true)}>
          New experiment
        </Button>
        <ul className={css['runs']}>
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
