import { Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { z } from 'zod'
import type { ExperimentFile, ExperimentResult, ModelResult } from '../../electron/contract/experiment.ts'
import { attempt, notify } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure, IconButton, Segments } from '../ui/controls.tsx'
import { bytes, count, number } from '../ui/text.ts'
import bench from './bench.module.css'
import { JobBar } from './JobBar.tsx'
import { change } from './lab.ts'
import { ResultTable } from './ResultTable.tsx'
import css from './results.module.css'
import { Trials } from './Trials.tsx'
import { useJobOf, useRefetched } from './use-job.ts'
import { useModel } from './use-lab.ts'

type Format = z.output<typeof ExperimentFile>['format']

/** An experiment: how far it is, what it found by now, and every single trial. */
export function ExperimentView({ id }: { readonly id: number }): ReactNode {
  const result = useCall('experiment.result', { experiment: id })
  const job = useJobOf('experiment', id)
  useRefetched(job, ['experiment.result', 'experiment.list', 'experiment.trials'])
  const [part, setPart] = useState<'results' | 'trials'>('results')
  if (result.error) return <Failure error={result.error} retry={() => void result.refetch()} />
  if (!result.data) return <Empty title="Reading the experiment" busy />
  return (
    <>
      <Head result={result.data} />
      <JobBar job={job} />
      <Segments
        label="Part"
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
        <p className={css['soft']}>Nothing is known yet: the population is still being found.</p>
      ) : (
        <>
          {result.data.models.map(one => (
            <Counted key={one.model} one={one} result={result.data} />
          ))}
          {result.data.models.some(one => one.population > 0) && <ResultTable result={result.data} />}
        </>
      )}
    </>
  )
}

function Head({ result }: { readonly result: ExperimentResult }): ReactNode {
  const { id, plan } = result.experiment
  const { className } = useModel(plan.models[0] ?? null)
  const save = async (format: Format): Promise<void> => {
    const suggested = `${plan.name.replace(/[^\p{L}\p{N}]+/gu, '-')}.${format}`
    const file = await window.portolan.shell('dialog.save', { kind: format, suggested })
    if (file === null) return
    const written = await call('experiment.export', { experiment: id, format, file })
    const said = `${file} was written, ${bytes(written.bytes)}`
    if (written.unset === null) notify(`${said}.`)
    else notify(`${said}; ${written.unset}.`, 'warning')
  }
  const remove = async (): Promise<void> => {
    await call('experiment.remove', { experiment: id })
    await client.invalidateQueries({ queryKey: ['experiment.list'] })
    change({ experiment: null })
  }
  return (
    <header className={bench['title']}>
      <h1>{plan.name}</h1>
      <span>
        {className(plan.source)} → {className(plan.target)}
      </span>
      {(['csv', 'json', 'png'] as const).map(format => (
        <Button
          key={format}
          title={`Export as ${format.toUpperCase()}`}
          onClick={() => void attempt(() => save(format))}
        >
          {format.toUpperCase()}
        </Button>
      ))}
      <IconButton label="Remove this experiment" onClick={() => void attempt(remove)}>
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </header>
  )
}

/** Of how many photographs everything below is told, and how they were chosen. */
function Counted({ one, result }: { readonly one: ModelResult; readonly result: ExperimentResult }): ReactNode {
  const { plan } = result.experiment
  const { className } = useModel(plan.models[0] ?? null)
  const source = className(plan.source)
  const chosen = plan.population === 'labelled' ? `labelled as ${source} and correct` : `with ${source} in the top 5`
  const running = one.population < one.members
  if (one.population === 0)
    return (
      <p className={css['counted']}>
        {one.members === 0
          ? `No photograph ${chosen}, of ${number(one.considered)} looked at.`
          : `${count(one.members, 'photograph')} ${chosen}, of ${number(one.considered)} looked at. Numbers come when the first of them has all of its trials.`}
      </p>
    )
  return (
    <p className={css['counted']}>
      <b>{`n = ${number(one.population)}`}</b>
      {running && ` so far, of ${number(one.members)}`}
      {` ${(running ? one.members : one.population) === 1 ? 'photograph' : 'photographs'} ${chosen}, of ${number(one.considered)} looked at`}
      {one.unreadable > 0 && ` (${count(one.unreadable, 'unreadable one')} left out)`}
      {`; ${number(one.correctBefore)} answered ${source} before. Static: chosen on ${number(one.chosenOn)}, reported on ${number(one.reportedOn)}.`}
      {result.models.length > 1 && ` ${one.modelName}.`}
      {one.illustration && <mark>Illustration: fewer than 20 photographs</mark>}
    </p>
  )
}
