import { type ReactNode, useState } from 'react'
import type { ExperimentPlan } from '../../electron/contract/experiment.ts'
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
  const [template, setTemplate] = useState<ExperimentPlan | null>(null)
  const plan = (from: ExperimentPlan | null): void => {
    if (from !== null) change({ model: from.models[0]!, source: from.source, target: from.target })
    setTemplate(from)
    setPlanning(true)
  }
  const shown = planning ? null : (experiment ?? list.data?.[0]?.id ?? null)
  return (
    <div className={css['page']}>
      <aside className={css['side']} aria-label="Experiments">
        <h2 className={panel['label']}>Experiments</h2>
        <Button look="primary" disabled={planning && template === null} onClick={() => plan(null)}>
          New experiment
        </Button>
        <ul className={css['runs']}>
          {list.data?.map(({ id, plan: { name }, created, finished, done, total }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === shown}
                onClick={() => {
                  setPlanning(false)
                  change({ experiment: id })
                }}
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
              key={template === null ? 'new' : 'copy'}
              model={model}
              template={template}
              onStarted={() => setPlanning(false)}
            />
          )
        ) : (
          <ExperimentView key={shown} id={shown} onPlan={plan} />
        )}
      </div>
    </div>
  )
}
