import { ArrowLeftRight } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { defaultMinSamples, ENOUGH_SHOWN } from '../../electron/contract/class-atlas.ts'
import { defaultMagnitude } from '../../electron/contract/class-selection.ts'
import { METHOD_TRADE_OFF } from '../../electron/contract/layout.ts'
import { changeClassAtlasForm, type FilterForm, swapSides, useClassAtlasForm } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Button, IconButton, Segments, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { ClassChooser } from './ClassChooser.tsx'
import { requestAtlases, useSources } from './class-atlases.ts'
import css from './controls.module.css'
import { classGrids, comparisonGrids, countsText, filterOf } from './plans.ts'

/** More panes would be too small to read. */
const MAX_LAYERS = 6

interface ControlsProps {
  readonly kind: 'class' | 'comparison'
  /** The chosen classes; null while one is missing. */
  readonly classes: readonly number[] | null
}

/** The form of a class atlas or comparison: classes and layers, and the filter of samples. */
export function Controls({ kind, classes }: ControlsProps): ReactNode {
  const { chosen } = useSources()
  const { filter, method, levels, submitting } = useClassAtlasForm()
  const gridsOf = useGrids(kind, classes?.[0])
  const ready = classes !== null && chosen.length > 0 && chosen.every(a => filterOf(filter, a.samples) !== null)
  return (
    <form
      className={css['controls']}
      aria-label={kind === 'class' ? 'Class atlas' : 'Comparison'}
      onSubmit={event => {
        event.preventDefault()
        if (ready && !submitting) void requestAtlases(chosen, classes)
      }}
    >
      <div className={css['row']}>
        {kind === 'class' ? <OneClass /> : <TwoClasses />}
        <Layers />
        <span className={css['spacer']} />
        {kind === 'class' && (
          <Segments
            label="Layout"
            value={method}
            options={[
              ['tsne', 't-SNE', METHOD_TRADE_OFF.tsne],
              ['umap', 'UMAP', METHOD_TRADE_OFF.umap],
            ]}
            onChange={next => changeClassAtlasForm({ method: next })}
          />
        )}
        <Select
          label="Grids"
          value={levels}
          onChange={event => changeClassAtlasForm({ levels: Number(event.target.value) })}
        >
          {[1, 2, 3].map(n => (
            <option key={n} value={n}>
              {`${n === 1 ? 'Grid' : 'Grids'} ${gridsOf(n).join(', ')}`}
            </option>
          ))}
        </Select>
        <MinSamples />
        <Button type="submit" look="primary" disabled={!ready || submitting}>
          {kind === 'class' ? 'Build class atlas' : 'Compare'}
        </Button>
      </div>
      <Samples classes={classes} sources={chosen} />
    </form>
  )
}

/** The grids of the first layer, which depend on how many samples it has. */
function useGrids(kind: ControlsProps['kind'], index: number | undefined): (levels: number) => readonly number[] {
  const [first] = useSources().chosen
  const form = useClassAtlasForm(state => state.filter)
  const filter = first ? filterOf(form, first.samples) : null
  const { data } = useCall(
    'classAtlas.counts',
    kind === 'class' && first && filter && index !== undefined ? { from: first.id, class: index, filter } : null,
  )
  return levels =>
    kind === 'class'
      ? classGrids(levels, data?.counts.after ?? Number.POSITIVE_INFINITY)
      : comparisonGrids(levels, first ?? { photographs: 0, samples: 0 })
}

function OneClass(): ReactNode {
  const { classes } = useProject()
  const one = useClassAtlasForm(state => state.one)
  return (
    <ClassChooser
      label="Class"
      classes={classes}
      value={one}
      onChange={index => changeClassAtlasForm({ one: index })}
    />
  )
}

function TwoClasses(): ReactNode {
  const { classes } = useProject()
  const [left, right] = useClassAtlasForm(state => state.pair)
  return (
    <>
      <ClassChooser
        label="Class on the left"
        classes={classes}
        value={left}
        colour="var(--against)"
        onChange={index => changeClassAtlasForm({ pair: [index, right] })}
      />
      <IconButton label="Swap sides" onClick={swapSides}>
        <ArrowLeftRight size={16} aria-hidden />
      </IconButton>
      <ClassChooser
        label="Class on the right"
        classes={classes}
        value={right}
        colour="var(--for)"
        first={left !== null && right === null}
        onChange={index => changeClassAtlasForm({ pair: [left, index] })}
      />
    </>
  )
}

/** The source atlases. */
function Layers(): ReactNode {
  const { all, chosen } = useSources()
  const nameOf = (a: AtlasSummary): string =>
    all.filter(o => o.layer === a.layer).length > 1 ? `${a.layer} · ${a.name}` : a.layer
  const toggle = (id: number): void => {
    const ids = chosen.map(a => a.id)
    const next = ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id]
    if (next.length > 0 && next.length <= MAX_LAYERS) changeClassAtlasForm({ from: next })
  }
  return (
    <fieldset className={css['layers']} aria-label="Layers side by side">
      {all.map(a => (
        <button key={a.id} type="button" aria-pressed={chosen.includes(a)} onClick={() => toggle(a.id)}>
          {nameOf(a)}
        </button>
      ))}
    </fieldset>
  )
}

function MinSamples(): ReactNode {
  const minSamples = useClassAtlasForm(state => state.minSamples)
  return (
    <span className={css['field']}>
      Min. per cell
      <input
        type="number"
        min={1}
        step={1}
        aria-label="Minimum samples per cell"
        title={`Empty: ${defaultMinSamples}, or fewer where less than ${100 * ENOUGH_SHOWN} % of the samples would be shown`}
        placeholder="auto"
        value={minSamples === 'auto' ? '' : minSamples}
        onChange={event => {
          const next = Math.round(event.target.valueAsNumber)
          changeClassAtlasForm({ minSamples: next >= 1 ? next : 'auto' })
        }}
      />
    </span>
  )
}

interface WholeProps {
  readonly label: string
  readonly value: number
  readonly disabled?: boolean
  readonly onChange: (value: number) => void
}

/** A positive whole number. */
function Whole({ label, value, disabled = false, onChange }: WholeProps): ReactNode {
  return (
    <input
      type="number"
      min={1}
      step={1}
      aria-label={label}
      disabled={disabled}
      value={value}
      onChange={event => {
        const next = Math.round(event.target.valueAsNumber)
        if (next >= 1) onChange(next)
      }}
    />
  )
}

interface SamplesProps {
  readonly classes: readonly number[] | null
  readonly sources: readonly AtlasSummary[]
}

/** The filter of samples, with the counts before and after it for every layer. */
function Samples({ classes, sources }: SamplesProps): ReactNode {
  const filter = useClassAtlasForm(state => state.filter)
  const change = (part: Partial<FilterForm>): void => changeClassAtlasForm({ filter: { ...filter, ...part } })
  const usual = defaultMagnitude(sources[0]?.samples ?? 0)
  const magnitude = filter.magnitude === 'default' || filter.magnitude === null ? usual : filter.magnitude
  const none = filter.rank === null && filter.magnitude === null
  return (
    <div className={css['row']}>
      <span className={css['word']}>Samples with</span>
      <Segments
        label="Sign of the attribution"
        value={filter.sign}
        options={[
          ['positive', 'Positive'],
          ['negative', 'Negative'],
        ]}
        onChange={sign => change({ sign })}
      />
      <span className={css['word']}>attribution:</span>
      <label className={css['field']}>
        <input
          type="checkbox"
          checked={filter.rank !== null}
          onChange={event => change({ rank: event.target.checked ? 1 : null })}
        />
        class in their top
        <Whole
          label="Rank"
          value={filter.rank ?? 1}
          disabled={filter.rank === null}
          onChange={rank => change({ rank })}
        />
      </label>
      <label className={css['field']}>
        <input
          type="checkbox"
          checked={filter.magnitude !== null}
          onChange={event => change({ magnitude: event.target.checked ? 'default' : null })}
        />
        or among the
        <Whole
          label="Magnitude"
          value={magnitude}
          disabled={filter.magnitude === null}
          onChange={value => change({ magnitude: value === usual ? 'default' : value })}
        />
        largest
      </label>
      <span className={css['spacer']} />
      {none ? (
        <span className={css['counts']} role="alert">
          Choose rank, magnitude or both.
        </span>
      ) : (
        <span className={css['counts']} role="status">
          {classes !== null &&
            sources.map(source => <Counts key={source.id} classes={classes} source={source} filter={filter} />)}
        </span>
      )}
    </div>
  )
}

interface CountsProps {
  readonly classes: readonly number[]
  readonly source: AtlasSummary
  readonly filter: FilterForm
}

function Counts({ classes, source, filter }: CountsProps): ReactNode {
  const complete = filterOf(filter, source.samples)
  const one = (index: number | undefined) =>
    complete && index !== undefined ? { from: source.id, class: index, filter: complete } : null
  const first = useCall('classAtlas.counts', one(classes[0]))
  const second = useCall('classAtlas.counts', one(classes[1]))
  const { className } = useProject()
  const results = [first, second].slice(0, classes.length)
  const failed = results.find(a => a.error)?.error
  if (failed) return <span>{failed.message}</span>
  if (results.some(a => !a.data)) return <span>{`${source.layer}: counting…`}</span>
  const parts = results.map(a => a.data!.counts)
  return (
    <span title={parts.map((c, k) => `${className(classes[k]!)}: ${countsText(c)}`).join('\n')}>
      {`${source.layer} `}
      <b>{parts.map(c => number(c.after)).join(' + ')}</b>
      {` of ${number(parts[0]!.before)}`}
      {parts.some(c => c.known < c.before) && `, known for ${number(parts[0]!.known)}`}
    </span>
  )
}
