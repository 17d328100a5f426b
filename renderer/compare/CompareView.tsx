import { type ReactNode, useMemo } from 'react'
import { Inspector } from '../inspector/Inspector.tsx'
import { useProject } from '../state/project.ts'
import { PAIRS, useScopes } from '../state/scopes.ts'
import { useView } from '../state/view.ts'
import { Failure } from '../ui/controls.tsx'
import { NoAtlas } from './ClassView.tsx'
import { Controls } from './Controls.tsx'
import css from './compare.module.css'
import { LayerStrips } from './LayerStrips.tsx'
import { Made } from './Made.tsx'
import { Ranking } from './Ranking.tsx'
import { ScopedPane } from './ScopedPane.tsx'
import { useOwnSelection } from './use-own-selection.ts'
import { usePlaces, useSources } from './use-scoped.ts'

/** Name of the first pane in the selection. */
const FIRST_PANE = PAIRS

/** Two classes against each other: where the network tells them apart, and by what. */
export function CompareView(): ReactNode {
  const { atlases } = useProject()
  const [left, right] = useScopes(state => state.pair)
  const classes = useMemo(
    () => (left === null || right === null || left === right ? null : ([left, right] as const)),
    [left, right],
  )
  const { places, scoped, error } = usePlaces(classes)
  const { inspectorOpen, selection } = useView()
  const { all } = useSources()
  useOwnSelection()
  const known = useMemo(() => [...atlases, ...scoped], [atlases, scoped])
  if (error) return <Failure error={error} />
  if (all.length === 0) return <NoAtlas />
  // The ranking is that of the pane in which a cell is selected, else of the first that has an atlas.
  const chosen = places.findIndex((_, k) => selection?.pane === FIRST_PANE + k)
  const ranked = places[chosen]?.atlas ? chosen : places.findIndex(p => p.atlas !== undefined)
  const atlas = places[ranked]?.atlas
  const cell = selection?.cells[0]
  const grid = cell && cell.atlas === atlas?.id ? cell.grid : atlas?.grids[0]?.grid
  return (
    <div className={css['view']}>
      <Controls kind="comparison" classes={classes} />
      <div className={css['body']}>
        <div className={css['centre']}>
          {classes === null ? (
            <div className={css['start']}>
              <h2>What tells two classes apart</h2>
              <p>
                {left !== null && left === right
                  ? 'Choose two different classes above.'
                  : 'Choose two classes above. Samples that speak for either are laid out from one side to the other by the difference of their attributions; what stands out on one side is what a patch can try.'}
              </p>
              <Made kind="comparison" scoped={scoped} />
            </div>
          ) : (
            <div className={css['panes']} data-many={places.length > 3}>
              {places.map((place, k) => (
                <ScopedPane
                  key={place.source.id}
                  id={FIRST_PANE + k}
                  place={place}
                  classes={classes}
                  panes={places.length}
                />
              ))}
            </div>
          )}
          {/* Summing all layers takes the engine a while: what was asked for goes first. */}
          {classes && places.some(p => p.atlas) && <LayerStrips class={classes[1]} against={classes[0]} />}
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
