import { Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type ExperimentPlan, looksText } from '../../electron/contract/experiment.ts'
import { chosenText, type ExperimentResult, type ModelResult } from '../../electron/contract/experiment-result.ts'
import { stemOf } from '../export/tables.ts'
import { JobBar } from '../jobs/JobBar.tsx'
import { useJobOf, useReloaded } from '../jobs/use-job.ts'
import { openDialog } from '../state/dialogs.ts'
import { useExportable } from '../state/exportable.ts'
import { attempt } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure, IconButton, Segments } from '../ui/controls.tsx'
import { capitalised, count, number } from '../ui/text.ts'
import { change } from './lab.ts'
import page from './lab-page.module.css'
import { ResultTable } from './ResultTable.tsx'
import css from './results.module.css'
import { Trials } from './Trials.tsx'
import { useModel, usePatches } from './use-lab.ts'

/** An experiment: progress, results so far, and all trials. */
export function ExperimentView({
  id,
  onPlan,
}: {
  readonly id: number
  readonly onPlan: (template: ExperimentPlan) => void
}): ReactNode {
  const result = useCall('experiment.result', { experiment: id })
  const job = useJobOf('experiment', id)
  useReloaded(job, ['experiment.result', 'experiment.list', 'experiment.trials'])
  const [part, setPart] = useState<'results' | 'trials'>('results')
  if (result.error) return <Failure error={result.error} retry={() => void result.refetch()} />
  if (!result.data) return <Empty title="Loading the experiment…" busy />
  return (
    <>
      <Head result={result.data} onPlan={onPlan} />
      <LooksText plan={result.data.experiment.plan} />
      <JobBar job={job} />
      <Segments
        label="Section"
        value={part}
        options={[
          ['results', 'Results'],
          ['trials', 'Trials'],
        ]}
        onChange={setPart}
      />
      {part === 'trials' ? (
        <Trials experiment={result.data.experiment} />
      ) : result.data.models.length === 0 ? (
        <p className={css['soft']}>No results yet: the population is being determined.</p>
      ) : (
        <>
          {result.data.models.map(one => (
            <PopulationText key={one.model} one={one} result={result.data} />
          ))}
          {result.data.models.some(one => one.population > 0) && <ResultTable result={result.data} />}
        </>
      )}
    </>
  )
}

function Head({
  result,
  onPlan,
}: {
  readonly result: ExperimentResult
  readonly onPlan: (template: ExperimentPlan) => void
}): ReactNode {
  const { id, plan } = result.experiment
  const { className } = useModel(plan.models[0] ?? null)
  const name = stemOf(plan.name)
  const save = async (format: 'csv' | 'json'): Promise<string | null> => {
    const file = await window.portolan.shell('dialog.save', { kind: format, suggested: `${name}.${format}` })
    if (file !== null) await call('experiment.export', { experiment: id, format, file })
    return file
  }
  const measured = result.models.some(one => one.population > 0)
  useExportable(
    measured
      ? {
          name,
          figure: { kind: 'experiment', experiment: id },
          tables: [
            { label: 'Trials as CSV', save: () => save('csv') },
            { label: 'Everything as JSON', save: () => save('json') },
          ],
        }
      : null,
  )
  const remove = async (): Promise<void> => {
    await call('experiment.remove', { experiment: id })
    await client.invalidateQueries({ queryKey: ['experiment.list'] })
    change({ experiment: null })
  }
  return (
    <header className={page['title']}>
      <h1>{plan.name}</h1>
      <span>
        {className(plan.source)} → {className(plan.target)}
      </span>
      <Button title="Open a form with this plan, to change and start it" onClick={() => onPlan(plan)}>
        Copy plan
      </Button>
      <Button disabled={!measured} onClick={() => openDialog('export')}>
        Export
      </Button>
      <IconButton label="Remove experiment" onClick={() => void attempt(remove)}>
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </header>
  )
}

/** The look that was measured, or, where patches differ, each. */
function LooksText({ plan }: { readonly plan: ExperimentPlan }): ReactNode {
  const patches = usePatches(plan.patches)
  return (
    <div className={css['soft']}>
      {looksText(plan, patch => patches.get(patch)?.name ?? `patch ${patch}`).map(line => (
        <p key={line}>{capitalised(line)}</p>
      ))}
    </div>
  )
}

/** The number of photographs, and how they were selected. */
function PopulationText({ one, result }: { readonly one: ModelResult; readonly result: ExperimentResult }): ReactNode {
  const { plan } = result.experiment
  const { className } = useModel(plan.models[0] ?? null)
  const source = className(plan.source)
  const chosen =
    plan.population === 'labelled'
      ? `labelled and predicted as ${source}`
      : `with ${source} in the top ${plan.population === 'top5' ? 5 : 10}`
  const running = one.population < one.members
  if (one.population === 0)
    return (
      <p className={css['population']}>
        {one.members === 0
          ? `No photograph ${chosen}, of ${number(one.considered)} considered.`
          : `${count(one.members, 'photograph')} ${chosen}, of ${number(one.considered)} considered. Results follow when the first of them has all its trials.`}
      </p>
    )
  return (
    <p className={css['population']}>
      <b>{`n = ${number(one.population)}`}</b>
      {running && ` so far, of ${number(one.members)}`}
      {` ${(running ? one.members : one.population) === 1 ? 'photograph' : 'photographs'} ${chosen}, of ${number(one.considered)} considered`}
      {one.unreadable > 0 && ` (${number(one.unreadable)} unreadable, skipped)`}
      {`; ${number(one.correctBefore)} predicted as ${source} without a patch; ${chosenText(one)}.`}
      {result.models.length > 1 && ` ${one.modelName}.`}
      {result.madeEarlier !== null && ` (${result.madeEarlier})`}
      {one.illustration && <mark>Illustration: fewer than 20 photographs</mark>}
    </p>
  )
}
