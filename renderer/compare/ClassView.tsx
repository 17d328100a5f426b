import { type ReactNode, useMemo } from 'react'
import { Inspector } from '../inspector/Inspector.tsx'
import { openDialog } from '../state/dialogs.ts'
import { useProject } from '../state/project.ts'
import { PARTS, useScopes } from '../state/scopes.ts'
import { useView } from '../state/view.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import { Controls } from './Controls.tsx'
import css from './compare.module.css'
import { LayerStrips } from './LayerStrips.tsx'
import { Made } from './Made.tsx'
import { ScopedPane } from './ScopedPane.tsx'
import { useOwnSelection } from './use-own-selection.ts'
import { usePlaces, useSources } from './use-scoped.ts'

/** Name of the first pane in the selection. */
const FIRST_PANE = PARTS

/** One class: the samples that speak for it, laid out on their own, layer by layer. */
export function ClassView(): ReactNode {
  const { atlases } = useProject()
  const one = useScopes(state => state.one)
  const classes = useMemo(() => (one === null ? null : [one]), [one])
  const { places, scoped, error } = usePlaces(classes)
  const inspecting = useView(state => state.inspectorOpen)
  const { all } = useSources()
  useOwnSelection()
  const known = useMemo(() => [...atlases, ...scoped], [atlases, scoped])
  if (error) return <Failure error={error} />
  if (all.length === 0) return <NoAtlas />
  return (
    <div className={css['view']}>
      <Controls kind="class" classes={classes} />
      <div className={css['body']}>
        <div className={css['centre']}>
          {classes === null ? (
            <div className={css['start']}>
              <h2>What speaks for one class</h2>
              <p>
                Choose a class above. Its class atlas holds only the samples whose activation speaks for it, laid out on
                their own, so that the different reasons the network has for the class come apart.
              </p>
              <Made kind="class" scoped={scoped} />
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
          {one !== null && places.some(p => p.atlas) && <LayerStrips class={one} against={null} />}
        </div>
        {inspecting && classes !== null && (
          <div className={css['side']}>
            <Inspector atlases={known} />
          </div>
        )}
      </div>
    </div>
  )
}

/** Before there is anything to take a class out of. */
export const NoAtlas = (): ReactNode => (
  <Empty title="No atlas yet">
    <p>Class atlases and comparisons are made from the samples of a whole atlas: build one first.</p>
    <Button look="primary" onClick={() => openDialog('new-atlas')}>
      Build an atlas
    </Button>
  </Empty>
)
