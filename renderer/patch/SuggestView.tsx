import type { ReactNode } from 'react'
import type { Candidate, Suggestion } from '../../electron/contract/suggestion.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import bench from './bench.module.css'
import { asLogit, axisOf, DotBar } from './DotBar.tsx'
import { placeText } from './geometry.ts'
import { JobBar } from './JobBar.tsx'
import { change, lay } from './lab.ts'
import css from './results.module.css'
import { useJobOf, useRefetched } from './use-job.ts'
import { useModel } from './use-lab.ts'

const KINDS: Readonly<Record<Candidate['kind'], string>> = {
  icon: 'the icon itself',
  crop: 'photograph behind it',
  third: 'a third class',
}

/** The candidates by what they did on the first half, and what the best is worth on the other. */
export function SuggestView({ id }: { readonly id: number }): ReactNode {
  const suggestion = useCall('suggestion.get', { suggestion: id })
  const job = useJobOf('suggestion', id)
  useRefetched(job, ['suggestion.get', 'suggestion.list'])
  const { data } = suggestion
  const { className } = useModel(data?.plan.model ?? null)
  if (suggestion.error) return <Failure error={suggestion.error} retry={() => void suggestion.refetch()} />
  if (!data) return <Empty title="Reading the suggestions" busy />
  return (
    <>
      <header className={bench['title']}>
        <h1>
          {className(data.plan.source)} → {className(data.plan.target)}
        </h1>
      </header>
      <p className={css['counted']}>
        <b>{`n = ${number(data.photographs)}`}</b>
        {` photographs; tried on ${number(data.photographs - data.reportedOn)}, reported on the other ${number(data.reportedOn)}.`}
        {data.illustration && data.verdict && <mark>Illustration: fewer than 20 photographs</mark>}
      </p>
      <JobBar job={job} />
      {data.verdict && <Verdict verdict={data.verdict} />}
      <Candidates suggestion={data} />
    </>
  )
}

/** Lays a candidate on, as it did best. */
function tryOut({ patch, chosen }: Candidate, look: Suggestion['plan']['look']): void {
  const centre = (at: number): number => at * (1 - chosen.size) + chosen.size / 2
  lay(patch, { ...look, size: chosen.size, x: centre(chosen.x), y: centre(chosen.y) })
  change({ bench: 'editor' })
}

function Verdict({ verdict }: { readonly verdict: NonNullable<Suggestion['verdict']> }): ReactNode {
  const { key: project } = useProject()
  const { best, change: gain, bestControl, difference, holds, tried } = verdict
  const axis = axisOf([gain, bestControl.change, difference])
  const rows = [
    ['Best candidate', best.patch, gain, 'var(--for)'],
    ['Best control', bestControl.patch, bestControl.change, '#8c95a1'],
    ['Candidate less control, paired', null, difference, 'var(--accent)'],
  ] as const
  return (
    <section className={css['verdict']} aria-label="On the other half">
      <p>
        {holds
          ? `It holds: on photographs that it was not chosen by, the corrected lower bound for ${best.name} lies above the best control.`
          : `It does not hold: on photographs that it was not chosen by, the corrected lower bound for ${best.name} does not lie above the best control.`}
        {` Change of logit(target) − logit(source), intervals corrected for the ${number(tried)} tried.`}
      </p>
      <table className={css['table']}>
        <tbody>
          {rows.map(([text, patch, estimate, colour]) => (
            <tr key={text}>
              <th scope="row">
                {patch !== null && <img alt="" src={pictureAddress({ kind: 'patch', project, patch })} />}
                {text}
              </th>
              <td>
                <DotBar estimate={estimate} axis={axis} text={asLogit} colour={colour} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Candidates({ suggestion }: { readonly suggestion: Suggestion }): ReactNode {
  const { key: project } = useProject()
  if (suggestion.candidates.length === 0) return <p className={css['soft']}>The candidates are still being made.</p>
  return (
    <div className={css['wide']}>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col">From</th>
            <th scope="col">Best at</th>
            <th scope="col" title="On the photographs that it was chosen by: optimistic">
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
              <td className={css['number']}>{asLogit(one.changeChosen)}</td>
              <td>
                <Button onClick={() => tryOut(one, suggestion.plan.look)}>Try</Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
