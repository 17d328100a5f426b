import { createContext, useContext } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassInfo, ModelInfo, ProjectSummary } from '../../electron/contract/project.ts'

/** The open project, for every view. */
export interface Project {
  readonly summary: ProjectSummary
  /** Its key, a part of the address of every picture. */
  readonly key: string
  /** Whole atlases, oldest first. */
  readonly atlases: readonly AtlasSummary[]
  readonly models: readonly ModelInfo[]
  /** The model of the active pane's atlas, else the first one. */
  readonly model: ModelInfo | undefined
  /** All classes of that model, by index. */
  readonly classes: readonly ClassInfo[]
  readonly className: (index: number) => string
  /** What a published page has; null in the window, which has all and can change it. */
  readonly published: { readonly photographs: boolean } | null
}

export const ProjectContext = createContext<Project | null>(null)

export function useProject(): Project {
  const project = useContext(ProjectContext)
  if (project === null) throw new Error('useProject needs a ProjectContext around it')
  return project
}
