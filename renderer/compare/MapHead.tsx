import { MapPinned, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, client } from '../state/queries.ts'
import { askedKey, remember } from '../state/scopes.ts'
import { IconButton, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import css from './compare.module.css'
import { countsOf, filterText } from './plans.ts'

interface MapHeadProps {
  readonly atlas: ScopedAtlas
  /** The grid that is wanted, and the one that is shown now. */
  readonly grid: number | 'auto'
  readonly shown: number | undefined
  readonly onGrid: (grid: number | 'auto') => void
  /** Whether the cells stand where they lie in the whole atlas; undefined while that is not known. */
  readonly away: boolean | undefined
  readonly onAway: () => void
}

/** What an atlas of a part holds, and what can be done with it. */
export function MapHead({ atlas, grid, shown, onGrid, away, onAway }: MapHeadProps): ReactNode {
  const { className } = useProject()
  const { scope } = atlas
  const classes = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  const remove = async (): Promise<void> => {
    await call('classAtlas.remove', { atlas: atlas.id })
    if (atlas.from !== null) remember(askedKey(atlas.from, classes), undefined)
    await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
  }
  return (
    <header className={css['head']}>
      <h2>{atlas.layer}</h2>
      <span className={css['what']} title={countsOf(scope, className)}>
        {`${number(scope.counts.after)} of ${number(scope.counts.before)} samples · ${filterText(scope.filter)}`}
      </span>
      <Select
        label={`Grid of ${atlas.layer}`}
        value={grid}
        onChange={event => onGrid(event.target.value === 'auto' ? 'auto' : Number(event.target.value))}
      >
        <option value="auto">{shown ? `Grid ${shown}, by zoom` : 'Grid by zoom'}</option>
        {atlas.grids.map(g => (
          <option key={g.grid} value={g.grid}>{`${g.grid} × ${g.grid}`}</option>
        ))}
      </Select>
      <IconButton
        label={`Show where these cells lie in the whole atlas of ${atlas.layer}`}
        pressed={away === true}
        disabled={away === undefined}
        onClick={onAway}
      >
        <MapPinned size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={`Remove this ${scope.kind === 'class' ? 'class atlas' : 'comparison'} of ${atlas.layer}`}
        onClick={() => void attempt(remove)}
      >
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </header>
  )
}
