import { type ReactNode, useEffect } from 'react'
import type { Composed } from '../../electron/contract/patch.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import css from './answers.module.css'
import { change, useLab } from './lab.ts'
import { marginOf, percentText, type Reading, readingOf, signedText, strongestOf } from './readings.ts'
import { SourceTarget } from './SourceTarget.tsx'
import { useModel } from './use-lab.ts'

/** Classes that are shown besides source and target. */
const SHOWN = 8

interface AnswersProps {
  readonly composed: Composed | null
  readonly model: ModelInfo
}

/** What the network says of the photograph alone and of the composition: pairs of bars, source and target first. */
export function Answers({ composed, model }: AnswersProps): ReactNode {
  const { source, target, logits } = useLab()
  const { className } = useModel(model.hash)
  const said = composed?.before.top[0]?.index
  useEffect(() => {
    if (source === null && said !== undefined) change({ source: said })
  }, [source, said])
  const pinned = [source, target].filter(index => index !== null)
  const rest = composed ? strongestOf(composed, SHOWN, pinned) : []
  const readings = composed ? [...pinned.map(index => readingOf(composed, index)), ...rest] : []
  const scale = scaleOf(readings, logits)
  const margins =
    composed && source !== null && target !== null
      ? [marginOf(composed.before, source, target), marginOf(composed.after, source, target)]
      : []
  const [before, after] = margins
  return (
    <section className={css['answers']} aria-label="Answers">
      <div className={css['head']}>
        <h2 className={panel['label']}>Before and after</h2>
        <Segments
          label="Unit"
          value={logits ? 'logits' : 'shares'}
          options={[
            ['shares', 'Probabilities'],
            ['logits', 'Logits'],
          ]}
          onChange={unit => change({ logits: unit === 'logits' })}
        />
      </div>
      <SourceTarget model={model} />
      {composed && (
        <>
          <ul className={css['readings']} aria-live="off">
            {readings.map(reading => (
              <Row
                key={reading.index}
                reading={reading}
                name={className(reading.index)}
                role={reading.index === source ? 'source' : reading.index === target ? 'target' : 'other'}
                logits={logits}
                scale={scale}
                won={composed.after.top[0]?.index === reading.index}
              />
            ))}
          </ul>
          <p className={css['legend']}>
            <i data-when="before" aria-hidden /> before <i data-when="after" aria-hidden /> after
          </p>
          {before !== undefined && after !== undefined && (
            <p className={css['margin']}>
              <span>Logit, target − source</span>
              <span>
                {signedText(before)} → {signedText(after)} <b>{signedText(after - before, true)}</b>
              </span>
            </p>
          )}
        </>
      )}
    </section>
  )
}

interface Scale {
  readonly least: number
  readonly most: number
}

/** Probabilities begin at 0; logits have no zero that means anything, so their bars begin below the weakest shown. */
function scaleOf(readings: readonly Reading[], logits: boolean): Scale {
  const values = readings
    .flatMap(r => [r.before, r.after])
    .flatMap(a => (a === undefined ? [] : [logits ? a.logit : a.probability]))
  const most = Math.max(...values, logits ? 1 : 0.01)
  return { least: logits ? Math.min(...values, 0) : 0, most }
}

interface RowProps {
  readonly reading: Reading
  readonly name: string
  readonly role: 'source' | 'target' | 'other'
  readonly logits: boolean
  readonly scale: Scale
  readonly won: boolean
}

function Row({ reading, name, role, logits, scale, won }: RowProps): ReactNode {
  const value = (answer: Reading['before']): number | undefined => (logits ? answer?.logit : answer?.probability)
  const width = (answer: Reading['before']): string => {
    const shown = value(answer)
    return shown === undefined ? '0%' : `${(100 * (shown - scale.least)) / (scale.most - scale.least)}%`
  }
  const text = (answer: Reading['before']): string => {
    const shown = value(answer)
    if (shown === undefined) return 'little'
    return logits ? signedText(shown) : percentText(shown)
  }
  return (
    <li data-role={role} data-won={won}>
      <button
        type="button"
        title={role === 'other' ? 'Make this the target' : undefined}
        disabled={role !== 'other'}
        onClick={() => change({ target: reading.index })}
      >
        <span title={name}>{name}</span>
        {role !== 'other' && <small>{role}</small>}
      </button>
      <div className={css['bars']} aria-hidden>
        <i data-when="before" style={{ width: width(reading.before) }} />
        <i data-when="after" style={{ width: width(reading.after) }} />
      </div>
      <output>
        <small>{text(reading.before)}</small> {text(reading.after)}
      </output>
    </li>
  )
}
