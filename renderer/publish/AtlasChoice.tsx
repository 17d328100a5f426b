import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { classesText } from '../compare/plans.ts'
import { useProject } from '../state/project.ts'
import panel from '../ui/panel.module.css'
import css from './publish.module.css'

interface AtlasChoiceProps {
  readonly atlases: readonly AtlasSummary[]
  readonly classAtlases: readonly ClassAtlas[]
  /** Ids of what is left out. */
  readonly left: ReadonlySet<number>
  readonly onChange: (left: ReadonlySet<number>) => void
}

/** Which atlases, class atlases and comparisons are published; the latter need their whole atlas. */
export function AtlasChoice({ atlases, classAtlases, left, onChange }: AtlasChoiceProps): ReactNode {
  const { className } = useProject()
  const toggle = (id: number): void => {
    const changed = new Set(left)
    if (!changed.delete(id)) changed.add(id)
    onChange(changed)
  }
  const check = (id: number, name: string, disabled = false): ReactNode => (
    <label key={id} className={css['check']}>
      <input type="checkbox" checked={!left.has(id) && !disabled} disabled={disabled} onChange={() => toggle(id)} />
      {name}
    </label>
  )
  return (
    <>
      <h3 className={panel['label']}>Atlases</h3>
      <div className={css['list']}>
        {atlases.map(({ id, layer, name, grids }) =>
          check(id, `${layer} · ${name} (${grids.map(({ grid }) => grid).join(', ')})`),
        )}
      </div>
      {classAtlases.length > 0 && (
        <>
          <h3 className={panel['label']}>Class atlases and comparisons</h3>
          <div className={css['list']}>
            {classAtlases.map(({ id, from, layer, scope }) =>
              check(id, `${layer}: ${classesText(scope, className)}`, left.has(from!)),
            )}
          </div>
        </>
      )}
    </>
  )
}
