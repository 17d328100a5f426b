import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { type ExperimentPlan, patchesByLook } from '../../electron/contract/experiment.ts'
import { lookText, PLAIN_LOOK } from '../../electron/contract/placement.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import panel from '../ui/panel.module.css'
import { count, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { LookField } from './LookField.tsx'
import { change, useLab } from './lab.ts'
import css from './lab-page.module.css'
import { editedLooks, isAmbiguous, type LookSource, looksOf, plannedLooks } from './looks.ts'
import { DEFAULT_FIELDS, fieldsOf, PlanFields, sizesOf } from './PlanFields.tsx'
import results from './results.module.css'
import { SourceTarget } from './SourceTarget.tsx'
import { useModel, usePatches } from './use-lab.ts'

/** The plan of an experiment, with an estimate of its cost. */
export function ExperimentForm({
  model,
  template,
  onStarted,
}: {
  readonly model: ModelInfo
  /** An earlier plan that the form starts from. */
  readonly template: ExperimentPlan | null
  readonly onStarted: () => void
}): ReactNode {
  const { key: project, models } = useProject()
  const { source, target, edited, selected } = useLab()
  const { className } = useModel(model.hash)
  const patches = useCall('patch.list', {})
  const [shared, setShared] = useState(template === null ? DEFAULT_FIELDS : fieldsOf(template))
  const [name, setName] = useState(template?.name ?? '')
  const [chosen, setChosen] = useState<readonly number[]>(
    () => template?.patches ?? [...new Set(edited.patches.map(p => p.patch))],
  )
  const [lookSource, setLookSource] = useState<LookSource>(template === null ? 'editor' : 'plan')
  const [others, setOthers] = useState<readonly string[]>(template?.models.filter(hash => hash !== model.hash) ?? [])
  const [natural, setNatural] = useState(template?.controls.natural ?? 5)
  const [spectrum, setSpectrum] = useState(template?.controls.spectrum ?? 2)
  const [surroundings, setSurroundings] = useState(template?.controls.surroundings ?? true)
  const [mean, setMean] = useState(template?.controls.mean ?? true)
  const [shuffled, setShuffled] = useState(template?.controls.shuffled ?? 0)
  const sizes = sizesOf(shared.sizes)
  const known = usePatches(chosen)
  // Also patches of an earlier plan that were removed from the gallery since.
  const offered = [...new Map([...(patches.data ?? []), ...known.values()].map(each => [each.id, each])).values()]
  const nameOf = (patch: number): string => known.get(patch)?.name ?? `patch ${patch}`
  const inEditor = editedLooks(edited.patches, selected)
  const sources: readonly LookSource[] = [
    ...(chosen.some(patch => inEditor.has(patch)) ? (['editor'] as const) : []),
    ...(template === null ? [] : (['plan'] as const)),
    'plain',
  ]
  const measured = sources.includes(lookSource) ? lookSource : 'plain'
  const own =
    measured === 'editor' ? inEditor : measured === 'plan' && template !== null ? plannedLooks(template) : new Map()
  const looks = looksOf(chosen, own, { ...PLAIN_LOOK, aspect: shared.aspect })
  const lookGroups = patchesByLook({ patches: chosen, ...looks })
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
          ...looks,
          sizes,
          positions: shared.positions,
          controls: { noise: 0, mean, shuffled, spectrum, surroundings, natural },
          seed: shared.seed,
          resamplings: template?.resamplings ?? 2000,
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
        <h2 className={panel['label']}>{`Patches, ${chosen.length} of ${offered.length}`}</h2>
        <div className={results['choices']}>
          {offered.map(p => (
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
          <LookField
            label="Look of patches and controls"
            value={measured}
            sources={sources}
            lines={lookGroups.map(({ look, patches: some }) =>
              lookGroups.length === 1 ? lookText(look) : `${some.map(nameOf).join(', ')}: ${lookText(look)}`,
            )}
            notes={
              measured !== 'editor'
                ? []
                : chosen
                    .filter(patch => isAmbiguous(edited.patches, patch))
                    .map(
                      patch =>
                        `${nameOf(patch)} is in the editor several times with different looks: the selected one is measured, or the top one.`,
                    )
            }
            aspect={chosen.every(patch => own.has(patch)) ? null : shared.aspect}
            onChange={setLookSource}
            onAspect={aspect => setShared({ ...shared, aspect })}
          />
          <fieldset>
            <legend>Controls (same photograph, size, position, mask and blend)</legend>
            <NumberField
              label="Regions of unrelated photographs, for each patch"
              value={natural}
              max={50}
              onChange={setNatural}
            />
            <NumberField
              label="Noise with the spectrum of each patch"
              value={spectrum}
              max={20}
              onChange={setSpectrum}
            />
            <label className={css['check']}>
              <input type="checkbox" checked={surroundings} onChange={e => setSurroundings(e.target.checked)} />
              Filled in from its surroundings
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
              Mean colour of each patch
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
                  {`Each photograph of the population is classified with ${count(estimate.data.perPhotograph, 'composition')}.`}
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
