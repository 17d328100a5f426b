import type { ReactNode } from 'react'
import type { Population, Positions } from '../../electron/contract/experiment.ts'
import { corners, type PatchLook } from '../../electron/contract/patch.ts'
import { useCall } from '../state/queries.ts'
import ui from '../ui/ui.module.css'
import css from './bench.module.css'

/** What experiments and suggestions are asked alike. */
export interface Shared {
  readonly population: Population
  /** Ids of folders; null: all. */
  readonly folders: readonly number[] | null
  readonly sizes: string
  readonly positions: Positions
  readonly aspect: PatchLook['aspect']
  readonly seed: number
}

/** The article's protocol. */
export const SHARED: Shared = {
  population: 'top5',
  folders: null,
  sizes: '20, 40, 70',
  positions: { kind: 'corners' },
  aspect: 'square',
  seed: 0,
}

/** Percentages as shares; what is no size is left out. */
export const sizesOf = (text: string): readonly number[] =>
  [
    ...new Set(
      text
        .split(/[\s,;]+/)
        .map(Number)
        .filter(percent => percent > 0 && percent <= 100)
        .map(percent => percent / 100),
    ),
  ].sort((a, b) => a - b)

export const wholeOf = (text: string, most = 0xffff_ffff): number =>
  Math.min(most, Math.max(0, Math.floor(Number(text) || 0)))

const keyOf = (p: Positions): string =>
  p.kind === 'corners' ? 'corners' : p.kind === 'grid' ? `grid ${p.n}` : `fixed ${p.x} ${p.y}`
const PLACES: readonly (readonly [Positions, string])[] = [
  [{ kind: 'corners' }, 'The four corners'],
  [{ kind: 'grid', n: 3 }, '3 × 3'],
  [{ kind: 'grid', n: 5 }, '5 × 5'],
  ...corners.map(({ name, x, y }) => [{ kind: 'fixed', x, y } as const, `Only ${name}`] as const),
]

interface PlanFieldsProps {
  readonly value: Shared
  readonly onChange: (part: Partial<Shared>) => void
}

export function PlanFields({ value, onChange }: PlanFieldsProps): ReactNode {
  const folders = useCall('data.list', {})
  const all = folders.data ?? []
  const chosen = value.folders ?? all.map(f => f.id)
  return (
    <>
      <label>
        Population
        <select
          className={ui['input']}
          value={value.population}
          onChange={e => onChange({ population: e.target.value === 'labelled' ? 'labelled' : 'top5' })}
        >
          <option value="top5">Source among the model’s top 5</option>
          <option value="labelled">Labelled as source, correct before (article)</option>
        </select>
      </label>
      {all.length > 1 && (
        <fieldset>
          <legend>Photographs of</legend>
          {all.map(folder => (
            <label key={folder.id} className={css['check']}>
              <input
                type="checkbox"
                checked={chosen.includes(folder.id)}
                onChange={e => {
                  const next = e.target.checked ? [...chosen, folder.id] : chosen.filter(id => id !== folder.id)
                  if (next.length > 0) onChange({ folders: next.length === all.length ? null : next })
                }}
              />
              {folder.name}
            </label>
          ))}
        </fieldset>
      )}
      <label>
        Sizes, % of the edge
        <input className={ui['input']} value={value.sizes} onChange={e => onChange({ sizes: e.target.value })} />
      </label>
      <label>
        Positions
        <select
          className={ui['input']}
          value={keyOf(value.positions)}
          onChange={e => {
            const found = PLACES.find(([place]) => keyOf(place) === e.target.value)
            if (found) onChange({ positions: found[0] })
          }}
        >
          {PLACES.map(([place, text]) => (
            <option key={keyOf(place)} value={keyOf(place)}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        Aspect
        <select
          className={ui['input']}
          value={value.aspect}
          onChange={e => onChange({ aspect: e.target.value === 'kept' ? 'kept' : 'square' })}
        >
          <option value="square">Forced square (article)</option>
          <option value="kept">Kept</option>
        </select>
      </label>
      <label>
        Seed
        <input
          className={ui['input']}
          type="number"
          min={0}
          value={value.seed}
          onChange={e => onChange({ seed: wholeOf(e.target.value) })}
        />
      </label>
    </>
  )
}
