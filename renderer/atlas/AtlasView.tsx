import type { ReactNode } from 'react'
import { ClassPanel } from '../classes/ClassPanel.tsx'
import { ClassPhotographs } from '../classes/ClassPhotographs.tsx'
import { Inspector } from '../inspector/Inspector.tsx'
import { useProgress } from '../jobs/progress.ts'
import { openDialog } from '../state/dialogs.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { show, useView } from '../state/view.ts'
import { CellTable } from '../table/CellTable.tsx'
import { Button, Empty, Failure, Progress } from '../ui/controls.tsx'
import { Splitter } from '../ui/Splitter.tsx'
import { number } from '../ui/text.ts'
import css from './atlas-view.module.css'
import { Workspace } from './Workspace.tsx'

/** The panes, with the classes on the left and the inspector on the right. */
export function AtlasView(): ReactNode {
  const { atlases: known, classes } = useProject()
  const atlases = useCall('atlas.list', {})
  const { classesOpen, inspectorOpen, photographsOpen, tableOpen, selection } = useView()
  const { classesWidth, inspectorWidth } = useSettings()
  const building = useProgress(state => Object.values(state).find(progress => progress !== undefined))
  if (atlases.error) return <Failure error={atlases.error} retry={() => void atlases.refetch()} />
  if (!atlases.data) return <Empty title="Loading the project…" busy />
  if (atlases.data.length === 0) {
    return building ? (
      <Empty title="The first atlas is being built" busy>
        <p>{`${building.stage}: ${number(building.done)} of ${number(building.total)} ${building.unit}. Its cells appear here as soon as they are laid out, and their icons as they are rendered.`}</p>
        <Progress done={building.done} total={building.total} label={building.stage} />
        <Button onClick={() => show('jobs')}>Show the job</Button>
      </Empty>
    ) : (
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
        <div className={`${css['side']} ${css['left']}`} style={{ width: classesWidth }}>
          <ClassPanel classes={classes} />
          <Splitter
            label="Width of the classes"
            panel="left"
            width={classesWidth}
            minimum={200}
            maximum={480}
            onResize={width => changeSettings({ classesWidth: width })}
          />
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
        <div
          className={`${css['side']} ${css['right']}`}
          data-empty={selection === null}
          style={{ width: inspectorWidth }}
        >
          <Inspector atlases={known} />
          <Splitter
            label="Width of the inspector"
            panel="right"
            width={inspectorWidth}
            minimum={280}
            maximum={640}
            onResize={width => changeSettings({ inspectorWidth: width })}
          />
        </div>
      ) : (
        <div />
      )}
    </div>
  )
}
