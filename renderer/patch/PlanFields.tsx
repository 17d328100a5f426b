import type { ReactNode } from 'react'
import { type ExperimentPlan, Population } from '../../electron/contract/experiment.ts'
import { corners, type PatchLook, type Positions } from '../../electron/contract/placement.ts'
import { useCall } from '../state/queries.ts'
import { NumberField } from '../ui/NumberField.tsx'
import ui from '../ui/ui.module.css'
import css from './lab-page.module.css'

/** The fields that experiments and suggestions share. */
interface SharedFields {
  readonly population: Population
  /** Ids of folders; null: all. */
  readonly folders: readonly number[] | null
  readonly sizes: string
  readonly positions: Positions
  /** Of patches with the plain look. */
  readonly aspect: PatchLook['aspect']
  readonly seed: number
}

/** The article's protocol. */
export const DEFAULT_FIELDS: SharedFields = {
  population: 'top5',
  folders: null,
  sizes: '20, 40, 70',
  positions: { kind: 'corners' },
  aspect: 'square',
  seed: 0,
}

/** The fields of an earlier plan. */
export const fieldsOf = ({
  population,
  folders,
  sizes,
  positions,
  look,
  seed,
}: Pick<ExperimentPlan, 'population' | 'folders' | 'sizes' | 'positions' | 'look' | 'seed'>): SharedFields => ({
  population,
  folders,
  // Percentages without the error of binary fractions.
  sizes: sizes.map(size => Number((100 * size).toFixed(6))).join(', '),
  positions,
  aspect: look.aspect,
  seed,
})

/** The sizes in a text of percentages, as shares; anything else is ignored. */
export function sizesOf(text: string): readonly number[] {
  return [
    ...new Set(
      text
        .split(/[\s,;]+/)
        .map(Number)
        .filter(percent => percent > 0 && percent <= 100)
        .map(percent => percent / 100),
    ),
  ].sort((a, b) => a - b)
}

const keyOf = (p: Positions): string =>
  p.kind === 'corners' ? 'corners' : p.kind === 'grid' ? `grid ${p.n}` : `fixed ${p.x} ${p.y}`
const POSITIONS: readonly (readonly [Positions, string])[] = [
  [{ kind: 'corners' }, 'Four corners'],
  [{ kind: 'grid', n: 3 }, '3 × 3'],
  [{ kind: 'grid', n: 5 }, '5 × 5'],
  ...corners.map(({ name, x, y }) => [{ kind: 'fixed', x, y } as const, `Only ${name}`] as const),
]

/** Those that can be chosen, and that of an earlier plan where it is none of them. */
const positionsWith = (current: Positions): typeof POSITIONS =>
  POSITIONS.some(([place]) => keyOf(place) === keyOf(current))
    ? POSITIONS
    : [...POSITIONS, [current, current.kind === 'grid' ? `${current.n} × ${current.n}` : 'As in that plan']]

interface PlanFieldsProps {
  readonly value: SharedFields
  readonly onChange: (part: Partial<SharedFields>) => void
}

export function PlanFields({ value, onChange }: PlanFieldsProps): ReactNode {
  const folders = useCall('folder.list', {})
  const all = folders.data ?? []
  const chosen = value.folders ?? all.map(f => f.id)
  return (
    <>
      <label>
        Population
        <select
          className={ui['input']}
          value={value.population}
          onChange={e => onChange({ population: Population.parse(e.target.value) })}
        >
          <option value="top5">Source class in the top 5</option>
          <option value="top10">Source class in the top 10</option>
          <option value="labelled">Labelled and predicted as source class (article)</option>
        </select>
      </label>
      {all.length > 1 && (
        <fieldset>
          <legend>Folders</legend>
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
        Sizes, % of the side
        <input className={ui['input']} value={value.sizes} onChange={e => onChange({ sizes: e.target.value })} />
      </label>
      <label>
        Positions
        <select
          className={ui['input']}
          value={keyOf(value.positions)}
          onChange={e => {
            const found = positionsWith(value.positions).find(([place]) => keyOf(place) === e.target.value)
            if (found) onChange({ positions: found[0] })
          }}
        >
          {positionsWith(value.positions).map(([place, text]) => (
            <option key={keyOf(place)} value={keyOf(place)}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <NumberField label="Seed" value={value.seed} onChange={value => onChange({ seed: value })} />
    </>
  )
}
