import { ArrowLeftRight } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { usualMagnitude } from '../../electron/contract/class-atlas.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { changeScopes, swapSides, useScopes, type WantedFilter } from '../state/scopes.ts'
import { Button, IconButton, Segments, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { ClassChooser } from './ClassChooser.tsx'
import css from './compare.module.css'
import { countsText, filterOf, gridsOf } from './plans.ts'
import { ask, useSources } from './use-scoped.ts'

/** Panes beside each other at most: more would be too small to be read. */
const MOST_LAYERS = 6

interface ControlsProps {
  readonly kind: 'class' | 'comparison'
  /** Those that are chosen; null while one is missing. */
  readonly classes: readonly number[] | null
}

/** What is looked at and how: classes and layers above, the samples that count below. */
export function Controls({ kind, classes }: ControlsProps): ReactNode {
  const { chosen } = useSources()
  const { filter, method, levels, asking } = useScopes()
  const ready = classes !== null && chosen.length > 0 && chosen.every(a => filterOf(filter, a.samples) !== null)
  return (
    <form
      className={css['controls']}
      aria-label={kind === 'class' ? 'Class atlas' : 'Comparison'}
      onSubmit={event => {
        event.preventDefault()
        if (ready && !asking) void ask(chosen, classes)
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
              ['tsne', 't-SNE', 'Layout by t-SNE: keeps neighbours together best'],
              ['umap', 'UMAP', 'Layout by UMAP: keeps more of the distances between groups'],
            ]}
            onChange={next => changeScopes({ method: next })}
          />
        )}
        <Select label="Grids" value={levels} onChange={event => changeScopes({ levels: Number(event.target.value) })}>
          {[1, 2, 3].map(n => (
            <option key={n} value={n}>
              {gridsOf(kind, n)
                .map(g => `${g}²`)
                .join(' · ')}
            </option>
          ))}
        </Select>
        <LeastSamples />
        <Button type="submit" look="primary" disabled={!ready || asking}>
          {kind === 'class' ? 'Make class atlas' : 'Compare'}
        </Button>
      </div>
      <Samples classes={classes} sources={chosen} />
    </form>
  )
}

function OneClass(): ReactNode {
  const { classes } = useProject()
  const one = useScopes(state => state.one)
  return <ClassChooser label="Class" classes={classes} value={one} onChange={index => changeScopes({ one: index })} />
}

function TwoClasses(): ReactNode {
  const { classes } = useProject()
  const [left, right] = useScopes(state => state.pair)
  return (
    <>
      <ClassChooser
        label="Class on the left"
        classes={classes}
        value={left}
        colour="var(--against)"
        onChange={index => changeScopes({ pair: [index, right] })}
      />
      <IconButton label="Swap sides" onClick={swapSides}>
        <ArrowLeftRight size={16} aria-hidden />
      </IconButton>
      <ClassChooser
        label="Class on the right"
        classes={classes}
        value={right}
        colour="var(--for)"
        onChange={index => changeScopes({ pair: [left, index] })}
      />
    </>
  )
}

/** The whole atlases that are started from. */
function Layers(): ReactNode {
  const { all, chosen } = useSources()
  const nameOf = (a: AtlasSummary): string =>
    all.filter(o => o.layer === a.layer).length > 1 ? `${a.layer} · ${a.name}` : a.layer
  const toggle = (id: number): void => {
    const ids = chosen.map(a => a.id)
    const next = ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id]
    if (next.length > 0 && next.length <= MOST_LAYERS) changeScopes({ from: next })
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

function LeastSamples(): ReactNode {
  const least = useScopes(state => state.least)
  return (
    <span className={css['field']}>
      at least
      <Whole label="Least samples in a cell" value={least} onChange={value => changeScopes({ least: value })} />
      per cell
    </span>
  )
}

interface WholeProps {
  readonly label: string
  readonly value: number
  readonly disabled?: boolean
  readonly onChange: (value: number) => void
}

/** A whole number of one or more. */
const Whole = ({ label, value, disabled = false, onChange }: WholeProps): ReactNode => (
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

interface SamplesProps {
  readonly classes: readonly number[] | null
  readonly sources: readonly AtlasSummary[]
}

/** The filter, and what it lets through in every layer: before and after, always. */
function Samples({ classes, sources }: SamplesProps): ReactNode {
  const filter = useScopes(state => state.filter)
  const change = (part: Partial<WantedFilter>): void => changeScopes({ filter: { ...filter, ...part } })
  const usual = usualMagnitude(sources[0]?.samples ?? 0)
  const magnitude = filter.magnitude === 'usual' || filter.magnitude === null ? usual : filter.magnitude
  const none = filter.rank === null && filter.magnitude === null
  return (
    <div className={css['row']}>
      <span className={css['word']}>Samples that speak</span>
      <Segments
        label="Sign of the attribution"
        value={filter.sign}
        options={[
          ['positive', 'for'],
          ['negative', 'against'],
        ]}
        onChange={sign => change({ sign })}
      />
      <label className={css['field']}>
        <input
          type="checkbox"
          checked={filter.rank !== null}
          onChange={event => change({ rank: event.target.checked ? 1 : null })}
        />
        with the class among their strongest
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
          onChange={event => change({ magnitude: event.target.checked ? 'usual' : null })}
        />
        or of the
        <Whole
          label="Magnitude"
          value={magnitude}
          disabled={filter.magnitude === null}
          onChange={value => change({ magnitude: value === usual ? 'usual' : value })}
        />
        most attributed
      </label>
      <span className={css['spacer']} />
      {none ? (
        <span className={css['counts']} role="alert">
          Choose rank, magnitude or both: nothing passes without.
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
  readonly filter: WantedFilter
}

function Counts({ classes, source, filter }: CountsProps): ReactNode {
  const wanted = filterOf(filter, source.samples)
  const one = (index: number | undefined) =>
    wanted && index !== undefined ? { from: source.id, class: index, filter: wanted } : null
  const first = useCall('classAtlas.counts', one(classes[0]))
  const second = useCall('classAtlas.counts', one(classes[1]))
  const { className } = useProject()
  const answers = [first, second].slice(0, classes.length)
  const failed = answers.find(a => a.error)?.error
  if (failed) return <span>{failed.message}</span>
  if (answers.some(a => !a.data)) return <span>{`${source.layer}: counting`}</span>
  const parts = answers.map(a => a.data!.counts)
  return (
    <span title={parts.map((c, k) => `${className(classes[k]!)}: ${countsText(c)}`).join('\n')}>
      {`${source.layer} `}
      <b>{parts.map(c => number(c.after)).join(' + ')}</b>
      {` of ${number(parts[0]!.before)}`}
      {parts.some(c => c.known < c.before) && `, known for ${number(parts[0]!.known)}`}
    </span>
  )
}
