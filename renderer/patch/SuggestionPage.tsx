import { type ReactNode, useState } from 'react'
import { lookOf, lookText, PLAIN_LOOK } from '../../electron/contract/placement.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import type { SuggestionPlan } from '../../electron/contract/suggestion.ts'
import { attempt } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty } from '../ui/controls.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import { LookField } from './LookField.tsx'
import { change, useLab } from './lab.ts'
import css from './lab-page.module.css'
import { type LookSource, measuredPlacement } from './looks.ts'
import { DEFAULT_FIELDS, PlanFields, sizesOf } from './PlanFields.tsx'
import { SourceTarget } from './SourceTarget.tsx'
import { SuggestionView } from './SuggestionView.tsx'
import { useModel } from './use-lab.ts'

/** Suggestions: patches proposed from what separates two classes. */
export function SuggestionPage({ model }: { readonly model: ModelInfo }): ReactNode {
  const { source, target, suggestion, edited, selected, cells } = useLab()
  const { className } = useModel(model.hash)
  const runs = useCall('suggestion.list', {})
  const [shared, setShared] = useState({ ...DEFAULT_FIELDS, sizes: '20, 40' })
  const [candidates, setCandidates] = useState(40)
  const [targetCrops, setTargetCrops] = useState(false)
  const [lookSource, setLookSource] = useState<LookSource>('editor')
  const placed = measuredPlacement(edited.patches, selected)
  const fromEditor = placed !== undefined && lookSource === 'editor'
  const look = fromEditor ? lookOf(placed) : { ...PLAIN_LOOK, aspect: shared.aspect }
  const shown = suggestion ?? runs.data?.[0]?.id ?? null
  const sizes = sizesOf(shared.sizes)
  const plan: SuggestionPlan | null =
    source === null || target === null || sizes.length === 0 || candidates === 0
      ? null
      : {
          model: model.hash,
          source,
          target,
          population: shared.population,
          folders: shared.folders,
          cells,
          candidates,
          look,
          sizes: sizes.slice(0, 16),
          positions: shared.positions,
          noise: 0,
          natural: 8,
          ...(targetCrops && { targetCrops: true }),
          seed: shared.seed,
          resamplings: 2000,
        }
  const start = async (): Promise<void> => {
    if (plan === null) return
    const started = await call('suggestion.start', plan)
    await client.invalidateQueries({ queryKey: ['jobs.list'] })
    await client.invalidateQueries({ queryKey: ['suggestion.list'] })
    change({ suggestion: started.suggestion })
  }
  return (
    <div className={css['page']}>
      <aside className={css['side']} aria-label="Suggestions">
        <h2 className={panel['label']}>New suggestions</h2>
        <SourceTarget model={model} />
        <p className={panel['note']}>
          {cells === null
            ? 'Candidates come from the samples with the largest attribution difference.'
            : `Candidates come from ${count(cells.length, 'cell')} of a comparison.`}
        </p>
        {cells && <Button onClick={() => change({ cells: null })}>Use all samples</Button>}
        <div className={css['fields']}>
          <NumberField
            label="Max. candidates"
            value={candidates}
            min={1}
            max={200}
            floor={0}
            onChange={setCandidates}
          />
          <label
            className={css['check']}
            title="A crop of the target class trivially raises its logit and is little evidence about the network."
          >
            <input type="checkbox" checked={targetCrops} onChange={e => setTargetCrops(e.target.checked)} />
            Allow crops of the target class
          </label>
          <PlanFields value={shared} onChange={part => setShared({ ...shared, ...part })} />
          <LookField
            label="Look of candidates and controls"
            value={fromEditor ? 'editor' : 'plain'}
            sources={placed === undefined ? ['plain'] : ['editor', 'plain']}
            lines={[lookText(look)]}
            notes={[]}
            aspect={fromEditor ? null : shared.aspect}
            onChange={setLookSource}
            onAspect={aspect => setShared({ ...shared, aspect })}
          />
        </div>
        <Button look="primary" disabled={plan === null} onClick={() => void attempt(start)}>
          Suggest patches
        </Button>
        {runs.data && runs.data.length > 0 && (
          <>
            <h2 className={panel['label']}>Previous runs</h2>
            <ul className={css['runs']}>
              {runs.data.map(({ id, plan: one, created }) => (
                <li key={id}>
                  <button type="button" aria-pressed={id === shown} onClick={() => change({ suggestion: id })}>
                    <span>{`${className(one.source)} → ${className(one.target)}`}</span>
                    <small>{new Date(created).toLocaleDateString('en-GB')}</small>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </aside>
      <div className={css['main']}>
        {shown === null ? (
          <Empty title="No suggestions yet">
            <p>
              Candidates are generated from what separates source and target and ranked on one half of the photographs;
              the first few are tested on the held-out half against their controls.
            </p>
          </Empty>
        ) : (
          <SuggestionView key={shown} id={shown} />
        )}
      </div>
    </div>
  )
}
