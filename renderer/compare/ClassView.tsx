import { type ReactNode, useMemo } from 'react'
import { Inspector } from '../inspector/Inspector.tsx'
import { CLASS_ATLAS_PANES, useClassAtlasForm } from '../state/class-atlas-form.ts'
import { openDialog } from '../state/dialogs.ts'
import { useProject } from '../state/project.ts'
import { useView } from '../state/view.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import { ClassAtlasPanes } from './ClassAtlasPanes.tsx'
import { Controls } from './Controls.tsx'
import { usePaneContents, useSources } from './class-atlases.ts'
import css from './compare.module.css'
import { LayerStrips } from './LayerStrips.tsx'
import { PreviousRuns } from './PreviousRuns.tsx'
import { useOwnSelection } from './use-own-selection.ts'

/** Id of the first pane. */
const FIRST_PANE = CLASS_ATLAS_PANES

/** Class atlases: the samples with high attribution to one class, in a layout of their own, for one or more layers. */
export function ClassView(): ReactNode {
  const { atlases } = useProject()
  const one = useClassAtlasForm(state => state.one)
  const classes = useMemo(() => (one === null ? null : [one]), [one])
  const { contents, classAtlases, error } = usePaneContents(classes)
  const inspecting = useView(state => state.inspectorOpen)
  const { all } = useSources()
  useOwnSelection(classAtlases, classes)
  const known = useMemo(() => [...atlases, ...classAtlases], [atlases, classAtlases])
  if (error) return <Failure error={error} />
  if (all.length === 0) return <NoAtlas />
  return (
    <div className={css['view']}>
      <Controls kind="class" classes={classes} />
      <div className={css['body']}>
        <div className={css['centre']}>
          {classes === null ? (
            <div className={css['start']}>
              <h2>Class atlas</h2>
              <p>
                Choose a class above. Its class atlas contains only the samples with high attribution to the class, in a
                layout of their own, which separates the features that the model uses for the class.
              </p>
              <PreviousRuns kind="class" classAtlases={classAtlases} />
            </div>
          ) : (
            <ClassAtlasPanes first={FIRST_PANE} contents={contents} classes={classes} />
          )}
          {/* Summing over all layers takes time: the requested atlas goes first. */}
          {one !== null && contents.some(p => p.atlas) && <LayerStrips class={one} against={null} />}
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

/** Shown while the project has no atlas. */
export function NoAtlas(): ReactNode {
  return (
    <Empty title="No atlas yet">
      <p>Class atlases and comparisons use the samples of an atlas: build one first.</p>
      <Button look="primary" onClick={() => openDialog('new-atlas')}>
        Build an atlas
      </Button>
    </Empty>
  )
}
