import type { ReactNode } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'
import { ExperimentForm } from './ExperimentForm.tsx'
import { ExperimentView } from './ExperimentView.tsx'
import { change, planExperiment, useLab } from './lab.ts'
import css from './lab-page.module.css'

/** Experiments: patches tested on many photographs. */
export function ExperimentPage({ model }: { readonly model: ModelInfo }): ReactNode {
  const list = useCall('experiment.list', {})
  const { experiment, planning } = useLab()
  const template = planning?.template ?? null
  const shown = planning !== null ? null : (experiment ?? list.data?.[0]?.id ?? null)
  return (
    <div className={css['page']}>
      <aside className={css['side']} aria-label="Experiments">
        <h2 className={panel['label']}>Experiments</h2>
        <Button look="primary" disabled={planning !== null && template === null} onClick={() => planExperiment(null)}>
          New experiment
        </Button>
        <ul className={css['runs']}>
          {list.data?.map(({ id, plan: { name }, created, finished, done, total }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === shown}
                onClick={() => change({ experiment: id, planning: null })}
              >
                <span>{name}</span>
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
          list.data && (
            <ExperimentForm
              key={template === null ? 'new' : JSON.stringify(template)}
              model={model}
              template={template}
              onStarted={() => change({ planning: null })}
            />
          )
        ) : (
          <ExperimentView key={shown} id={shown} onPlan={planExperiment} />
        )}
      </div>
    </div>
  )
}
