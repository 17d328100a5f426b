import { type ReactNode, useEffect, useState } from 'react'
import {
  type Measurement,
  RuntimeChoice,
  type RuntimeFound,
  type RuntimesState,
} from '../../electron/contract/runtimes.ts'
import { call, client, on, useCall } from '../state/queries.ts'
import { Button, Failure, Select } from '../ui/controls.tsx'
import page from '../ui/page.module.css'

const queryKey = (model: string) => ['runtimes.list', { model }] as const

const ONE_LINE = { whiteSpace: 'nowrap' } as const

/** What can run a model on this machine: what is missing for it, how fast it is, and which one does. */
export function Runtimes({ model }: { readonly model: string }): ReactNode {
  const state = useCall('runtimes.list', { model })
  const [measuring, setMeasuring] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => on('runtime.aside', () => void client.invalidateQueries({ queryKey: ['runtimes.list'] })), [])
  const take = async (answer: Promise<RuntimesState>): Promise<void> => {
    setProblem(null)
    try {
      client.setQueryData(queryKey(model), await answer)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const calibrate = async (): Promise<void> => {
    setMeasuring(true)
    await take(call('runtimes.calibrate', { model }))
    setMeasuring(false)
  }
  if (state.error) return <Failure error={state.error} retry={() => void state.refetch()} />
  if (!state.data) return <p role="status">Looking for runtimes</p>
  const { runtimes, choice, inUse, calibration, aside } = state.data
  const measured = new Map(calibration?.measurements.map(each => [each.name, each]))
  const titleOf = (name: string): string => runtimes.find(each => each.name === name)?.title ?? name
  return (
    <section aria-label="Runtimes">
      <header style={{ marginTop: 'var(--s4)' }}>
        <h2>{`Runs on ${titleOf(inUse)}`}</h2>
        <Select
          label="Runtime"
          value={choice}
          onChange={event =>
            void take(call('runtimes.choose', { model, choice: RuntimeChoice.parse(event.target.value) }))
          }
        >
          <option value="auto">The fastest that was measured</option>
          {runtimes.map(({ name, title, missing }) => (
            <option key={name} value={name} disabled={missing !== null}>
              {title}
            </option>
          ))}
        </Select>
        <Button disabled={measuring} onClick={() => void calibrate()}>
          {measuring ? 'Measuring' : calibration ? 'Measure again' : 'Measure'}
        </Button>
      </header>
      {measuring && <p role="status">About ten seconds for each runtime; longer while a job runs.</p>}
      {problem !== null && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {problem}
        </p>
      )}
      {aside.map(({ runtime, reason }) => (
        <p key={runtime} style={{ color: 'var(--danger)' }}>
          {reason}
        </p>
      ))}
      <table className={page['table']}>
        <thead>
          <tr>
            <th>Runtime</th>
            <th className={page['num']} style={ONE_LINE}>
              Pass
            </th>
            <th className={page['num']} style={ONE_LINE}>
              Icon and step
            </th>
            <th className={page['num']} style={ONE_LINE}>
              Batch
            </th>
            <th>Remarks</th>
          </tr>
        </thead>
        <tbody>
          {runtimes.map(found => (
            <Row key={found.name} found={found} measurement={measured.get(found.name)} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({
  found,
  measurement,
}: {
  readonly found: RuntimeFound
  readonly measurement: Measurement | undefined
}): ReactNode {
  return (
    <tr>
      <td>{found.title}</td>
      <td className={page['num']} style={ONE_LINE}>
        {milliseconds(measurement?.forwardMs)}
      </td>
      <td className={page['num']} style={ONE_LINE}>
        {milliseconds(measurement?.stepMs)}
      </td>
      <td className={page['num']} style={ONE_LINE}>
        {measurement?.batch ?? '–'}
      </td>
      <td>{remarks(found, measurement)}</td>
    </tr>
  )
}

const milliseconds = (value: number | null | undefined): string =>
  value == null ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** What is missing and how to get it, or where it runs, why it was refused, and what to know before choosing it. */
function remarks({ device, missing, remedy, note }: RuntimeFound, measurement: Measurement | undefined): string {
  const left = measurement?.fallbacks
  const parts = [
    missing === null ? device : missing,
    measurement?.refused != null && `not chosen: ${measurement.refused}`,
    left && left.nodes > 0 && `${left.nodes} of ${left.of} nodes left to the CPU`,
    remedy,
    note,
  ]
  return parts.filter(Boolean).join(' · ')
}
