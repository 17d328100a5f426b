import { MapPinned, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { rememberRequest, requestKey } from '../state/class-atlas-form.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, client } from '../state/queries.ts'
import { IconButton, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import css from './class-atlas-map.module.css'
import { countsOf, filterText } from './plans.ts'

interface MapHeadProps {
  readonly atlas: ClassAtlas
  /** The selected grid, and the one that is shown. */
  readonly grid: number | 'auto'
  readonly shown: number | undefined
  readonly onGrid: (grid: number | 'auto') => void
  /** Whether cells are displaced to their positions in the whole atlas; undefined until these are known. */
  readonly displaced: boolean | undefined
  readonly onDisplace: () => void
}

/** The header of a class atlas or comparison: counts, filter, grid and actions. */
export function MapHead({ atlas, grid, shown, onGrid, displaced, onDisplace }: MapHeadProps): ReactNode {
  const { className, published } = useProject()
  const { scope } = atlas
  const classes = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  const remove = async (): Promise<void> => {
    await call('classAtlas.remove', { atlas: atlas.id })
    if (atlas.from !== null) rememberRequest(requestKey(atlas.from, classes), undefined)
    await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
  }
  return (
    <header className={css['head']}>
      <h2>{atlas.layer}</h2>
      <span className={css['summary']} title={countsOf(scope, className)}>
        {`${number(scope.counts.after)} of ${number(scope.counts.before)} samples · ${filterText(scope.filter)}`}
      </span>
      <Select
        label={`Grid of ${atlas.layer}`}
        value={grid}
        onChange={event => onGrid(event.target.value === 'auto' ? 'auto' : Number(event.target.value))}
      >
        <option value="auto">{shown ? `Grid ${shown}, auto` : 'Grid: auto'}</option>
        {atlas.grids.map(g => (
          <option key={g.grid} value={g.grid}>{`${g.grid} × ${g.grid}`}</option>
        ))}
      </Select>
      <IconButton
        label={`Show positions in the whole atlas of ${atlas.layer}`}
        pressed={displaced === true}
        disabled={displaced === undefined}
        onClick={onDisplace}
      >
        <MapPinned size={16} aria-hidden />
      </IconButton>
      {published === null && (
        <IconButton
          label={`Remove this ${scope.kind === 'class' ? 'class atlas' : 'comparison'} of ${atlas.layer}`}
          onClick={() => void attempt(remove)}
        >
          <Trash2 size={16} aria-hidden />
        </IconButton>
      )}
    </header>
  )
}
