import { type ReactNode, useEffect, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
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

/** The runtimes for a model on this computer: availability, speed, and which one is in use. */
export function Runtimes({ model }: { readonly model: string }): ReactNode {
  const state = useCall('runtimes.list', { model })
  const [measuring, setMeasuring] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => on('runtime.disabled', () => void client.invalidateQueries({ queryKey: ['runtimes.list'] })), [])
  const apply = async (reply: Promise<RuntimesState>): Promise<void> => {
    setProblem(null)
    try {
      client.setQueryData(queryKey(model), await reply)
    } catch (error) {
      setProblem(reason(error))
    }
  }
  const calibrate = async (): Promise<void> => {
    setMeasuring(true)
    await apply(call('runtimes.calibrate', { model }))
    setMeasuring(false)
  }
  if (state.error) return <Failure error={state.error} retry={() => void state.refetch()} />
  if (!state.data) return <p role="status">Detecting runtimes…</p>
  const { runtimes, choice, inUse, calibration, disabled } = state.data
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
            void apply(call('runtimes.choose', { model, choice: RuntimeChoice.parse(event.target.value) }))
          }
        >
          <option value="auto">Fastest measured</option>
          {runtimes.map(({ name, title, missing }) => (
            <option key={name} value={name} disabled={missing !== null}>
              {title}
            </option>
          ))}
        </Select>
        <Button disabled={measuring} onClick={() => void calibrate()}>
          {measuring ? 'Measuring…' : calibration ? 'Measure again' : 'Measure'}
        </Button>
      </header>
      {measuring && <p role="status">About ten seconds per runtime; longer while a job is running.</p>}
      {problem !== null && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {problem}
        </p>
      )}
      {disabled.map(({ runtime, reason }) => (
        <p key={runtime} style={{ color: 'var(--danger)' }}>
          {reason}
        </p>
      ))}
      <table className={page['table']}>
        <thead>
          <tr>
            <th>Runtime</th>
            <th className={page['num']} style={ONE_LINE}>
              Forward pass
            </th>
            <th className={page['num']} style={ONE_LINE}>
              Per icon and step
            </th>
            <th className={page['num']} style={ONE_LINE}>
              Batch
            </th>
            <th>Notes</th>
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
      <td>{notesOf(found, measurement)}</td>
    </tr>
  )
}

const milliseconds = (value: number | null | undefined): string =>
  value == null ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** Device or missing component, why the runtime was rejected, remedy and note. */
function notesOf({ device, missing, remedy, note }: RuntimeFound, measurement: Measurement | undefined): string {
  const fallbacks = measurement?.fallbacks
  const parts = [
    missing === null ? device : missing,
    measurement?.refused != null && `rejected: ${measurement.refused}`,
    fallbacks && fallbacks.nodes > 0 && `${fallbacks.nodes} of ${fallbacks.of} nodes run on the CPU`,
    remedy,
    note,
  ]
  return parts.filter(Boolean).join(' · ')
}
