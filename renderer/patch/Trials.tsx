import { type ReactNode, useState } from 'react'
import type { z } from 'zod'
import type { ExperimentSummary } from '../../electron/contract/experiment.ts'
import type { Trial, TrialQuery } from '../../electron/contract/experiment-result.ts'
import { lookText } from '../../electron/contract/placement.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Button, Empty, Failure, Select } from '../ui/controls.tsx'
import { fileName, number, signedText } from '../ui/text.ts'
import { percentText } from './class-change.ts'
import { placeText } from './geometry.ts'
import { openComposition } from './lab.ts'
import css from './results.module.css'
import { useModel } from './use-lab.ts'

const PAGE = 50
type Order = z.output<typeof TrialQuery>['order']
const ORDERS: readonly (readonly [Order, string])[] = [
  ['flipped', 'Flips first'],
  ['change', 'Largest log-odds change first'],
  ['target', 'Highest target probability first'],
  ['photograph', 'By photograph'],
]

/** All trials, each of which can be opened in the editor. */
export function Trials({ experiment }: { readonly experiment: ExperimentSummary }): ReactNode {
  const { key: project } = useProject()
  const { plan } = experiment
  const { className } = useModel(plan.models[0] ?? null)
  const [flipped, setFlipped] = useState(false)
  const [order, setOrder] = useState<Order>('flipped')
  const [offset, setOffset] = useState(0)
  const trials = useCall('experiment.trials', {
    experiment: experiment.id,
    model: null,
    patch: null,
    image: null,
    flipped,
    order,
    offset,
    limit: PAGE,
  })
  const open = ({ composition, model }: Trial): void =>
    openComposition(composition, { model, source: plan.source, target: plan.target })
  if (trials.error) return <Failure error={trials.error} retry={() => void trials.refetch()} />
  const { data } = trials
  if (!data) return <Empty title="Loading trials…" busy />
  const last = Math.min(data.total, offset + PAGE)
  return (
    <>
      <div className={css['tools']}>
        <Select
          label="Order"
          value={order}
          onChange={e => {
            setOrder(ORDERS.find(([o]) => o === e.target.value)?.[0] ?? 'flipped')
            setOffset(0)
          }}
        >
          {ORDERS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
        <label>
          <input
            type="checkbox"
            checked={flipped}
            onChange={e => {
              setFlipped(e.target.checked)
              setOffset(0)
            }}
          />
          Only flips to the target
        </label>
        <span>
          {data.total === 0 ? 'No trials' : `${number(offset + 1)} to ${number(last)} of ${number(data.total)}`}
        </span>
        <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
          Previous
        </Button>
        <Button disabled={last >= data.total} onClick={() => setOffset(offset + PAGE)}>
          Next
        </Button>
      </div>
      <div className={css['wide']}>
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">Photograph</th>
              <th scope="col">Patch</th>
              <th scope="col">Placement</th>
              <th scope="col">Top-1</th>
              <th scope="col">{className(plan.target)}</th>
              <th scope="col">Log-odds change</th>
              <th scope="col">Editor</th>
            </tr>
          </thead>
          <tbody>
            {data.trials.map(t => (
              <tr key={`${t.model} ${t.image} ${t.patch} ${t.size} ${t.position}`}>
                <th scope="row">
                  <img
                    alt=""
                    loading="lazy"
                    src={pictureAddress({ kind: 'photo', project, image: t.image, box: null, size: 64 })}
                  />
                  <span title={t.file}>{fileName(t.file)}</span>
                </th>
                <td>
                  <div className={css['named']}>
                    <img alt="" loading="lazy" src={pictureAddress({ kind: 'patch', project, patch: t.patch })} />
                    {t.patchName}
                  </div>
                </td>
                <td>
                  {`${Math.round(t.size * 100)} %, ${placeText(t)}`}
                  {plan.looks && <small>{lookText(t.composition.patches[0]!)}</small>}
                </td>
                <td>
                  {className(t.winnerBefore)} → {className(t.winner)}
                </td>
                <td
                  className={css['number']}
                >{`${percentText(t.targetBefore)} → ${percentText(t.targetProbability)}`}</td>
                <td className={css['number']}>{signedText(t.change)}</td>
                <td>
                  <Button onClick={() => open(t)}>Open</Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
