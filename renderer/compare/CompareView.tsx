import { type ReactNode, useMemo } from 'react'
import { Inspector } from '../inspector/Inspector.tsx'
import { COMPARISON_PANES, useClassAtlasForm } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { useView } from '../state/view.ts'
import { Failure } from '../ui/controls.tsx'
import { ClassAtlasPanes } from './ClassAtlasPanes.tsx'
import { NoAtlas } from './ClassView.tsx'
import { Controls } from './Controls.tsx'
import { usePaneContents, useSources } from './class-atlases.ts'
import css from './compare.module.css'
import { LayerStrips } from './LayerStrips.tsx'
import { PreviousRuns } from './PreviousRuns.tsx'
import { Ranking } from './Ranking.tsx'
import { useOwnSelection } from './use-own-selection.ts'

/** Id of the first pane. */
const FIRST_PANE = COMPARISON_PANES

/** Comparisons: two classes along the difference of their attributions, and the cells that separate them. */
export function CompareView(): ReactNode {
  const { atlases } = useProject()
  const [left, right] = useClassAtlasForm(state => state.pair)
  const classes = useMemo(
    () => (left === null || right === null || left === right ? null : ([left, right] as const)),
    [left, right],
  )
  const { contents, classAtlases, error } = usePaneContents(classes)
  const { inspectorOpen, selection } = useView()
  const { all } = useSources()
  useOwnSelection(classAtlases, classes)
  const known = useMemo(() => [...atlases, ...classAtlases], [atlases, classAtlases])
  if (error) return <Failure error={error} />
  if (all.length === 0) return <NoAtlas />
  // The ranking is that of the pane with the selected cell, else of the first pane with an atlas.
  const chosen = contents.findIndex((_, k) => selection?.pane === FIRST_PANE + k)
  const ranked = contents[chosen]?.atlas ? chosen : contents.findIndex(p => p.atlas !== undefined)
  const atlas = contents[ranked]?.atlas
  const cell = selection?.cells[0]
  const grid = cell && cell.atlas === atlas?.id ? cell.grid : atlas?.grids[0]?.grid
  return (
    <div className={css['view']}>
      <Controls kind="comparison" classes={classes} />
      <div className={css['body']}>
        <div className={css['centre']}>
          {classes === null ? (
            <div className={css['start']}>
              <h2>Class comparison</h2>
              <p>
                {left !== null && left === right
                  ? 'Choose two different classes above.'
                  : 'Choose two classes above. Samples with high attribution to either class are placed along the difference of their attributions; the cells at each end are candidates for patches.'}
              </p>
              <PreviousRuns kind="comparison" classAtlases={classAtlases} />
            </div>
          ) : (
            <ClassAtlasPanes first={FIRST_PANE} contents={contents} classes={classes} />
          )}
          {/* Summing over all layers takes time: the requested comparison goes first. */}
          {classes && contents.some(p => p.atlas) && <LayerStrips class={classes[1]} against={classes[0]} />}
        </div>
        {classes && atlas && grid !== undefined && (
          <div className={`${css['side']} ${css['ranked']}`}>
            <Ranking key={atlas.id} atlas={atlas} grid={grid} classes={classes} pane={FIRST_PANE + ranked} />
          </div>
        )}
        {inspectorOpen && classes && cell && (
          <div className={css['side']}>
            <Inspector atlases={known} />
          </div>
        )}
      </div>
    </div>
  )
}
