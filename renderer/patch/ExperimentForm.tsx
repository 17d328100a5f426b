import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { ExperimentPlan } from '../../electron/contract/experiment.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count, number, wholeNumber } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { change, PLAIN_LOOK, useLab } from './lab.ts'
import css from './lab-page.module.css'
import { DEFAULT_FIELDS, PlanFields, sizesOf } from './PlanFields.tsx'
import results from './results.module.css'
import { SourceTarget } from './SourceTarget.tsx'
import { useModel } from './use-lab.ts'

/** The plan of an experiment, with an estimate of its cost. */
export function ExperimentForm({
  model,
  onStarted,
}: {
  readonly model: ModelInfo
  readonly onStarted: () => void
}): ReactNode {
  const { key: project, models } = useProject()
  const { source, target, edited } = useLab()
  const { className } = useModel(model.hash)
  const patches = useCall('patch.list', {})
  const [shared, setShared] = useState(DEFAULT_FIELDS)
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly number[]>(() => [...new Set(edited.patches.map(l => l.patch))])
  const [others, setOthers] = useState<readonly string[]>([])
  const [noise, setNoise] = useState<number | null>(null)
  const [mean, setMean] = useState(true)
  const [shuffled, setShuffled] = useState(6)
  const sizes = sizesOf(shared.sizes)
  const defaultName = source === null || target === null ? '' : `${className(source)} to ${className(target)}`
  const plan: ExperimentPlan | null =
    source === null || target === null || chosen.length === 0 || sizes.length === 0
      ? null
      : {
          name: (name || defaultName).slice(0, 120),
          models: [model.hash, ...others],
          source,
          target,
          population: shared.population,
          folders: shared.folders,
          patches: chosen,
          look: { ...PLAIN_LOOK, aspect: shared.aspect },
          sizes,
          positions: shared.positions,
          controls: { noise: noise ?? Math.min(200, chosen.length), mean, shuffled },
          seed: shared.seed,
          resamplings: 2000,
        }
  const estimate = useQuery({
    queryKey: ['experiment.estimate', plan],
    queryFn: () => call('experiment.estimate', plan!),
    enabled: plan !== null,
  })
  const start = async (): Promise<void> => {
    if (plan === null) return
    const { experiment } = await call('experiment.start', plan)
    await client.invalidateQueries({ queryKey: ['jobs.list'] })
    await client.invalidateQueries({ queryKey: ['experiment.list'] })
    change({ experiment })
    onStarted()
  }
  const toggle = (id: number): void => setChosen(chosen.includes(id) ? chosen.filter(c => c !== id) : [...chosen, id])
  return (
    <section className={results['plan']} aria-label="Experiment plan">
      <div>
        <h2 className={panel['label']}>Classes</h2>
        <SourceTarget model={model} />
        <div className={css['fields']} style={{ marginTop: 12 }}>
          <label>
            Name
            <input
              className={ui['input']}
              maxLength={120}
              placeholder={defaultName}
              value={name}
              onChange={e => setName(e.target.value)}
            />
          </label>
          <PlanFields value={shared} onChange={part => setShared({ ...shared, ...part })} />
        </div>
      </div>
      <div>
        <h2 className={panel['label']}>{`Patches, ${chosen.length} of ${patches.data?.length ?? 0}`}</h2>
        <div className={results['choices']}>
          {patches.data?.map(p => (
            <button
              key={p.id}
              type="button"
              title={p.name}
              aria-label={p.name}
              aria-pressed={chosen.includes(p.id)}
              onClick={() => toggle(p.id)}
            >
              <img alt="" loading="lazy" src={pictureAddress({ kind: 'patch', project, patch: p.id })} />
            </button>
          ))}
        </div>
        <div className={css['fields']} style={{ marginTop: 16 }}>
          <fieldset>
            <legend>Controls (same best-of selection)</legend>
            <label>
              Noise patches
              <input
                className={ui['input']}
                type="number"
                min={0}
                max={200}
                value={noise ?? Math.min(200, chosen.length)}
                onChange={e => setNoise(wholeNumber(e.target.value, 0, 200))}
              />
            </label>
            <label>
              Shuffled patches, blocks
              <select className={ui['input']} value={shuffled} onChange={e => setShuffled(Number(e.target.value))}>
                <option value={0}>None</option>
                {[2, 4, 6, 8].map(n => (
                  <option key={n} value={n}>{`${n} × ${n}`}</option>
                ))}
              </select>
            </label>
            <label className={css['check']}>
              <input type="checkbox" checked={mean} onChange={e => setMean(e.target.checked)} />
              Patch of the mean colour
            </label>
          </fieldset>
          {models.length > 1 && (
            <fieldset>
              <legend>Additional models</legend>
              {models
                .filter(m => m.hash !== model.hash)
                .map(m => (
                  <label key={m.hash} className={css['check']}>
                    <input
                      type="checkbox"
                      checked={others.includes(m.hash)}
                      onChange={e =>
                        setOthers(e.target.checked ? [...others, m.hash] : others.filter(h => h !== m.hash))
                      }
                    />
                    {m.name}
                  </label>
                ))}
            </fieldset>
          )}
        </div>
        <div role="status" className={results['estimate']}>
          {plan === null ? (
            <p>Choose a source, a target and at least one patch.</p>
          ) : estimate.error ? (
            <p role="alert">{estimate.error.message}</p>
          ) : (
            estimate.data && (
              <>
                <p>
                  {`${count(estimate.data.photographs, 'photograph')} considered, ${number(estimate.data.labelled)} of them labelled as the source class. `}
                  {`Each photograph of the population is classified with ${number(estimate.data.perPhotograph)} compositions.`}
                </p>
                {estimate.data.notes.map(note => (
                  <p key={note} className={css['warning']}>
                    {note}
                  </p>
                ))}
              </>
            )
          )}
        </div>
        <Button look="primary" disabled={plan === null} onClick={() => void attempt(start)}>
          Start experiment
        </Button>
      </div>
    </section>
  )
}
