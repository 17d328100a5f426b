import type { ReactNode } from 'react'
import { Workspace } from '../atlas/Workspace.tsx'
import { ClassPanel } from '../classes/ClassPanel.tsx'
import { Inspector } from '../inspector/Inspector.tsx'
import { useProject } from '../state/project.ts'
import { change, useView } from '../state/view.ts'
import css from './published.module.css'
import { useNarrow } from './use-narrow.ts'

/** The maps, with the classes and the inspector beside or, on narrow screens, over them. */
export function AtlasSection(): ReactNode {
  const { atlases, classes } = useProject()
  const { classesOpen, inspectorOpen, selection } = useView()
  const narrow = useNarrow()
  const inspecting = narrow ? selection !== null && !classesOpen : inspectorOpen
  return (
    <div className={css['view']}>
      {classesOpen && (
        <div className={css['classes']}>
          <ClassPanel classes={classes} />
        </div>
      )}
      <div className={css['centre']}>
        <Workspace atlases={atlases} alone={narrow} />
      </div>
      {inspecting && (
        <div className={css['inspector']}>
          <Inspector atlases={atlases} {...(narrow ? { onClose: () => change({ selection: null }) } : {})} />
        </div>
      )}
    </div>
  )
}
