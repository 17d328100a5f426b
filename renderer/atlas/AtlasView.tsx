import type { ReactNode } from 'react'
import { ClassPanel } from '../classes/ClassPanel.tsx'
import { ClassPhotographs } from '../classes/ClassPhotographs.tsx'
import { Inspector } from '../inspector/Inspector.tsx'
import { openDialog } from '../state/dialogs.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { CellTable } from '../table/CellTable.tsx'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import css from './atlas-view.module.css'
import { Workspace } from './Workspace.tsx'

/** The panes, with the classes on the left and the inspector on the right. */
export function AtlasView(): ReactNode {
  const { atlases: known, classes } = useProject()
  const atlases = useCall('atlas.list', {})
  const { classesOpen, inspectorOpen, photographsOpen, tableOpen, selection } = useView()
  if (atlases.error) return <Failure error={atlases.error} retry={() => void atlases.refetch()} />
  if (!atlases.data) return <Empty title="Loading the project…" busy />
  if (atlases.data.length === 0) {
    return (
      <Empty title="No atlas yet">
        <p>An atlas is computed from a model and photographs: choose layers, the number of samples and a preset.</p>
        <Button look="primary" onClick={() => openDialog('new-atlas')}>
          Build an atlas
        </Button>
      </Empty>
    )
  }
  return (
    <div className={css['view']}>
      {classesOpen ? (
        <div className={`${css['side']} ${css['left']}`}>
          <ClassPanel classes={classes} />
        </div>
      ) : (
        <div />
      )}
      <div className={css['centre']}>
        <Workspace atlases={known} />
        {/* One strip below the maps is enough: they are what is looked at. */}
        {tableOpen ? <CellTable /> : photographsOpen && <ClassPhotographs />}
      </div>
      {inspectorOpen ? (
        <div className={`${css['side']} ${css['right']}`} data-empty={selection === null}>
          <Inspector atlases={known} />
        </div>
      ) : (
        <div />
      )}
    </div>
  )
}
