import { type ReactNode, useEffect } from 'react'
import type { Composed } from '../../electron/contract/patch.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { useCall } from '../state/queries.ts'
import { Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { decimal, signedText } from '../ui/text.ts'
import { type ClassChange, classChange, logOddsOf, percentText, strongestClasses } from './class-change.ts'
import { change, useLab } from './lab.ts'
import css from './predictions.module.css'
import { SourceTarget } from './SourceTarget.tsx'
import { useModel } from './use-lab.ts'

/** Number of classes in addition to source and target. */
const OTHER_CLASSES = 8

interface PredictionsProps {
  readonly composed: Composed | null
  readonly model: ModelInfo
}

/** The predictions without and with the patches as pairs of bars, source and target first. */
export function Predictions({ composed, model }: PredictionsProps): ReactNode {
  const { source, target, logits } = useLab()
  const { className } = useModel(model.hash)
  const top = composed?.before.top[0]?.index
  useEffect(() => {
    if (source === null && top !== undefined) change({ source: top })
  }, [source, top])
  const pinned = [source, target].filter(index => index !== null)
  const rest = composed ? strongestClasses(composed, OTHER_CLASSES, pinned) : []
  const entries = composed ? [...pinned.map(index => classChange(composed, index)), ...rest] : []
  const scale = scaleOf(entries, logits)
  const odds = (index: number | null) => ({
    before: composed && index !== null ? logOddsOf(composed.before, index) : undefined,
    after: composed && index !== null ? logOddsOf(composed.after, index) : undefined,
  })
  return (
    <section className={css['predictions']} aria-label="Predictions">
      <div className={css['head']}>
        <h2 className={panel['label']}>Before and after</h2>
        <Segments
          label="Scale"
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
          <ul className={css['entries']} aria-live="off">
            {entries.map(entry => (
              <Row
                key={entry.index}
                entry={entry}
                name={className(entry.index)}
                role={entry.index === source ? 'source' : entry.index === target ? 'target' : 'other'}
                logits={logits}
                scale={scale}
                isTop={composed.after.top[0]?.index === entry.index}
              />
            ))}
          </ul>
          <p className={css['legend']}>
            <i data-when="before" aria-hidden /> before <i data-when="after" aria-hidden /> after
          </p>
          <ResizeNote model={model.hash} source={source} name={source === null ? '' : className(source)} />
          <LogOdds name="Target log-odds" {...odds(target)} />
          <LogOdds name="Source log-odds" {...odds(source)} />
        </>
      )}
    </section>
  )
}

/** Classes that are requested: more have no probability worth showing. */
const ASKED = 100

/** Says why Image has another probability for the same photograph, and which. */
function ResizeNote({
  model,
  source,
  name,
}: {
  readonly model: string
  readonly source: number | null
  readonly name: string
}): ReactNode {
  const image = useLab(state => state.edited.image)
  const { data } = useCall('photograph.predict', image === null ? null : { model, image, limit: ASKED })
  const found = data?.probabilities.find(({ index }) => index === source)
  return (
    <p className={css['resize']}>
      Before, after, sweeps and experiments: photographs resized with Lanczos, as in the article’s patches. Image and
      atlases: resized bilinearly
      {found ? `, without a patch ${percentText(found.value)} ${name}` : ''}.
    </p>
  )
}

interface LogOddsProps {
  readonly name: string
  readonly before: number | undefined
  readonly after: number | undefined
}

/** The outcome of the patch, or beside it how much it hides the source. */
function LogOdds({ name, before, after }: LogOddsProps): ReactNode {
  if (before === undefined || after === undefined) return null
  return (
    <p className={css['margin']} title="The class's logit less the log-sum-exp of all other logits">
      <span>{name}</span>
      <span>
        {decimal(before)} → {decimal(after)} <b>{signedText(after - before)}</b>
      </span>
    </p>
  )
}

interface Scale {
  readonly minimum: number
  readonly maximum: number
}

/** Bars of probabilities start at 0; those of logits, which have no absolute zero, at the minimum. */
function scaleOf(entries: readonly ClassChange[], logits: boolean): Scale {
  const values = entries
    .flatMap(r => [r.before, r.after])
    .flatMap(a => (a === undefined ? [] : [logits ? a.logit : a.probability]))
  const maximum = Math.max(...values, logits ? 1 : 0.01)
  return { minimum: logits ? Math.min(...values, 0) : 0, maximum }
}

interface RowProps {
  readonly entry: ClassChange
  readonly name: string
  readonly role: 'source' | 'target' | 'other'
  readonly logits: boolean
  readonly scale: Scale
  readonly isTop: boolean
}

function Row({ entry, name, role, logits, scale, isTop }: RowProps): ReactNode {
  const value = (prediction: ClassChange['before']): number | undefined =>
    logits ? prediction?.logit : prediction?.probability
  const width = (prediction: ClassChange['before']): string => {
    const shown = value(prediction)
    return shown === undefined ? '0%' : `${(100 * (shown - scale.minimum)) / (scale.maximum - scale.minimum)}%`
  }
  const text = (prediction: ClassChange['before']): string => {
    const shown = value(prediction)
    if (shown === undefined) return '–'
    return logits ? decimal(shown) : percentText(shown)
  }
  return (
    <li data-role={role} data-top={isTop}>
      <button
        type="button"
        title={role === 'other' ? 'Use as target' : undefined}
        disabled={role !== 'other'}
        onClick={() => change({ target: entry.index })}
      >
        <span title={name}>{name}</span>
        {role !== 'other' && <small>{role}</small>}
      </button>
      <div className={css['bars']} aria-hidden>
        <i data-when="before" style={{ width: width(entry.before) }} />
        <i data-when="after" style={{ width: width(entry.after) }} />
      </div>
      <output>
        <small>{text(entry.before)}</small> {text(entry.after)}
      </output>
    </li>
  )
}
