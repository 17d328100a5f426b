import { type ReactNode, useMemo } from 'react'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { ClassAtlasPanes } from '../compare/ClassAtlasPanes.tsx'
import { usePaneContents } from '../compare/class-atlases.ts'
import { LayerStrips } from '../compare/LayerStrips.tsx'
import { classesText, countsOf } from '../compare/plans.ts'
import { Ranking } from '../compare/Ranking.tsx'
import { reopen } from '../compare/reopen.ts'
import { Inspector } from '../inspector/Inspector.tsx'
import { CLASS_ATLAS_PANES, COMPARISON_PANES, useClassAtlasForm } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { change, useView } from '../state/view.ts'
import { Failure, Select } from '../ui/controls.tsx'
import { shownClassAtlas } from './address.ts'
import css from './published.module.css'
import { useNarrow } from './use-narrow.ts'

interface ClassSectionProps {
  readonly kind: 'class' | 'comparison'
  /** Of this kind. */
  readonly classAtlases: readonly ClassAtlas[]
}

/** The class atlases or comparisons of the page: a choice of them, the map, the cells that separate, the layers. */
export function ClassSection({ kind, classAtlases }: ClassSectionProps): ReactNode {
  const { atlases, className } = useProject()
  const { one, pair } = useClassAtlasForm()
  const narrow = useNarrow()
  const { inspectorOpen, selection } = useView()
  const section = kind === 'class' ? 'class' : 'compare'
  const shown = shownClassAtlas(classAtlases, section)
  const classes = useMemo(() => {
    const chosen = kind === 'class' ? [one] : pair
    return chosen.every(index => index !== null) ? (chosen as readonly number[]) : null
  }, [kind, one, pair])
  const { contents, error } = usePaneContents(classes)
  const known = useMemo(() => [...atlases, ...classAtlases], [atlases, classAtlases])
  if (error) return <Failure error={error} />
  const first = kind === 'class' ? CLASS_ATLAS_PANES : COMPARISON_PANES
  const cell = selection !== null && selection.pane >= first ? selection.cells[0] : undefined
  const grid = cell?.atlas === shown?.id ? cell?.grid : undefined
  const inspecting = cell !== undefined && (narrow || inspectorOpen)
  return (
    <div className={css['classView']}>
      <div className={css['choice']}>
        <Select
          label={kind === 'class' ? 'Class atlas' : 'Comparison'}
          value={shown?.id ?? ''}
          onChange={event => {
            const chosen = classAtlases.find(({ id }) => id === Number(event.target.value))
            change({ selection: null })
            if (chosen) reopen(chosen, chosen.scope.counts.before)
          }}
        >
          {classAtlases.map(({ id, scope, layer }) => (
            <option key={id} value={id}>
              {`${classesText(scope, className)} · ${layer}`}
            </option>
          ))}
        </Select>
        {shown && <p>{countsOf(shown.scope, className).replaceAll('\n', '; ')}</p>}
      </div>
      <div className={css['view']}>
        <div className={css['centre']}>
          {classes !== null && shown && <ClassAtlasPanes first={first} contents={contents} classes={classes} />}
          {classes !== null && shown && !narrow && (
            <LayerStrips class={classes.at(-1)!} against={kind === 'class' ? null : classes[0]!} />
          )}
        </div>
        {kind === 'comparison' && classes !== null && shown && !narrow && (
          <div className={css['ranking']}>
            <Ranking
              key={shown.id}
              atlas={shown}
              grid={grid ?? shown.grids[0]!.grid}
              classes={classes as readonly [number, number]}
              pane={first}
            />
          </div>
        )}
        {inspecting && (
          <div className={css['inspector']}>
            <Inspector atlases={known} onClose={() => change({ selection: null })} />
          </div>
        )}
      </div>
    </div>
  )
}
