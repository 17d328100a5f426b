import { Fragment, type ReactNode } from 'react'
import type { ExperimentPlan } from '../../electron/contract/experiment.ts'
import { groupNames } from '../../electron/contract/experiment-result.ts'
import { OUTCOME } from '../../electron/contract/outcome.ts'
import { lookText, type PatchLook, placementAt } from '../../electron/contract/placement.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import {
  type Candidate,
  outcomeSentences,
  type Suggestion,
  type SuggestionPlan,
  type SuggestionVerdict,
  TESTED,
} from '../../electron/contract/suggestion.ts'
import { stemOf, valuesOf } from '../export/tables.ts'
import { JobBar } from '../jobs/JobBar.tsx'
import { useJobOf, useReloaded } from '../jobs/use-job.ts'
import { openDialog } from '../state/dialogs.ts'
import { useExportable } from '../state/exportable.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import { count, number } from '../ui/text.ts'
import { asLogit, axisOf, DotBar } from './DotBar.tsx'
import { placeText } from './geometry.ts'
import { change, placePatch, planExperiment, useLab } from './lab.ts'
import page from './lab-page.module.css'
import css from './results.module.css'
import { inputRegionOf, useModel } from './use-lab.ts'

const KINDS: Readonly<Record<Candidate['kind'], string>> = {
  icon: 'icon',
  crop: 'nearest photograph',
  third: 'other class',
}

/** The candidates ranked on the first half, and the first of them on the held-out half. */
export function SuggestionView({ id }: { readonly id: number }): ReactNode {
  const suggestion = useCall('suggestion.get', { suggestion: id })
  const job = useJobOf('suggestion', id)
  useReloaded(job, ['suggestion.get', 'suggestion.list'])
  const { data } = suggestion
  const { className } = useModel(data?.plan.model ?? null)
  if (suggestion.error) return <Failure error={suggestion.error} retry={() => void suggestion.refetch()} />
  if (!data) return <Empty title="Loading the suggestions…" busy />
  return (
    <>
      <Head suggestion={data} className={className} />
      <p className={css['population']}>
        <b>{`n = ${number(data.photographs)}`}</b>
        {` photographs; selected on ${number(data.photographs - data.reportedOn)}, reported on the held-out ${number(data.reportedOn)}. Look: ${lookText(data.plan.look)}.`}
        {data.madeEarlier !== null && ` (${data.madeEarlier})`}
        {data.illustration && data.verdict && <mark>Illustration: fewer than 20 photographs</mark>}
      </p>
      <JobBar job={job} />
      {data.verdict && <HeldOutResult verdict={data.verdict} />}
      <Candidates suggestion={data} />
    </>
  )
}

function Head({
  suggestion: { id, plan, candidates },
  className,
}: {
  readonly suggestion: Suggestion
  readonly className: (index: number) => string
}): ReactNode {
  const classes = `${className(plan.source)} to ${className(plan.target)}`
  const name = stemOf(`suggestions ${classes}`)
  const figure = { kind: 'suggestion', suggestion: id } as const
  const none = candidates.length === 0
  useExportable(none ? null : { name, figure, tables: [valuesOf(name, figure)] })
  const first = candidates.slice(0, TESTED).map(({ patch }) => patch)
  return (
    <header className={page['title']}>
      <h1>
        {className(plan.source)} → {className(plan.target)}
      </h1>
      <span />
      <Button
        disabled={none}
        title={`Open the form of an experiment with the first ${first.length} candidates. They were chosen on half of these photographs: other folders give an independent test.`}
        onClick={() => planExperiment(planOf(plan, first, `${classes}, suggested`))}
      >
        Test in an experiment
      </Button>
      <Button disabled={none} onClick={() => openDialog('export')}>
        Export
      </Button>
    </header>
  )
}

/** An experiment with some candidates, at the sizes, positions and look that they were ranked with. */
function planOf(plan: SuggestionPlan, patches: readonly number[], name: string): ExperimentPlan {
  const { model, source, target, population, folders, look, sizes, positions, natural, seed, resamplings } = plan
  return {
    ...{ name: name.slice(0, 120), models: [model], source, target, population, folders, patches },
    ...{ look, sizes, positions, seed, resamplings },
    controls: { noise: 0, mean: true, shuffled: 0, spectrum: 2, surroundings: true, natural: natural ?? 5 },
  }
}

/** Opens a candidate in the editor at its best placement. */
async function openInEditor(
  { patch, chosen: { size, x, y } }: Candidate,
  look: PatchLook,
  model: ModelInfo | undefined,
): Promise<void> {
  const { image } = useLab.getState().edited
  const record = await call('patch.get', { patch })
  const photograph = image === null ? null : await call('photograph.get', { image })
  const seen = photograph === null || model === undefined ? { width: 1, height: 1 } : inputRegionOf(photograph, model)
  placePatch(patch, placementAt({ patch, look, size, place: { x, y } }, record, seen))
  change({ mode: 'editor' })
}

/** The first candidates on the held-out half, above each of their controls. */
function HeldOutResult({ verdict }: { readonly verdict: SuggestionVerdict }): ReactNode {
  const { key: project } = useProject()
  const { outcome, tested, tried, photographs, minimum, detectable } = verdict
  const axis = axisOf(
    tested.flatMap(({ effect, overControls }) => [
      effect.change,
      ...overControls.each.map(({ difference }) => difference),
    ]),
  )
  return (
    <section className={css['verdict']} aria-label="Held-out result">
      <p>
        <b>{outcomeSentences[outcome]}</b>
        {` ${number(tried)} ranked, ${number(tested.length)} tested on ${count(photographs, 'photograph')}; intervals of the ${OUTCOME}, corrected for ${number(tested.length)}.`}
        {outcome === 'too few photographs' && ` At least ${number(minimum)} photographs are needed for an interval.`}
        {detectable !== null &&
          ` With this many photographs an effect of ${detectable.toFixed(1)} is detected with a power of 0.8.`}
      </p>
      <table className={css['table']}>
        <tbody>
          {tested.map(({ candidate, effect, overControls, power }) => (
            <Fragment key={candidate.patch}>
              <tr>
                <th scope="row">
                  <img alt="" src={pictureAddress({ kind: 'patch', project, patch: candidate.patch })} />
                  <span title={candidate.origin}>{candidate.name}</span>{' '}
                  <small title="Probability of confirming the effect found on the first half">{`power ${power.toFixed(2)}`}</small>
                </th>
                <td>
                  <DotBar estimate={effect.change} axis={axis} text={asLogit} colour="var(--for)" />
                </td>
              </tr>
              {overControls.each.map(({ control, difference }) => (
                <tr key={control}>
                  <th scope="row">
                    {`above ${groupNames[control]}${control === overControls.smallest.control ? ' (smallest)' : ''}`}
                  </th>
                  <td>
                    <DotBar estimate={difference} axis={axis} text={asLogit} colour="var(--accent)" />
                  </td>
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Candidates({ suggestion }: { readonly suggestion: Suggestion }): ReactNode {
  const { model } = useModel(suggestion.plan.model)
  const { key: project } = useProject()
  if (suggestion.candidates.length === 0) return <p className={css['soft']}>Generating candidates…</p>
  return (
    <div className={css['wide']}>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col">From</th>
            <th scope="col">Best placement</th>
            <th
              scope="col"
              title="Lower bound of the change above the best control, on the photographs used for the selection: optimistic"
            >
              First half
            </th>
            <th scope="col">Editor</th>
          </tr>
        </thead>
        <tbody>
          {suggestion.candidates.map(one => (
            <tr key={one.patch}>
              <th scope="row">
                <img alt="" loading="lazy" src={pictureAddress({ kind: 'patch', project, patch: one.patch })} />
                <span title={one.name}>{one.name}</span>
              </th>
              <td>
                {one.origin} <small>{KINDS[one.kind]}</small>
              </td>
              <td>{`${Math.round(one.chosen.size * 100)} %, ${placeText(one.chosen)}`}</td>
              <td className={css['number']}>{asLogit(one.lowerBound)}</td>
              <td>
                <Button onClick={() => void attempt(() => openInEditor(one, suggestion.plan.look, model))}>Open</Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
