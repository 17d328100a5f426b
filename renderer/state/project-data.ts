import { useMemo } from 'react'
import type { ProjectSummary } from '../../electron/contract/project.ts'
import type { Project } from './project.ts'
import { useCall } from './queries.ts'
import { useView } from './view.ts'

/** Atlases, models and classes, which every view needs, loaded once. */
export function useProjectData(summary: ProjectSummary, published: Project['published']): Project {
  const { data: atlases } = useCall('atlas.list', {})
  const { data: models } = useCall('models.list', {})
  const shown = useView(state => state.panes.find(p => p.id === state.active)?.atlas)
  const hash = atlases?.find(a => a.id === shown)?.model
  const model = models?.find(m => m.hash === hash) ?? models?.[0]
  const { data: classes } = useCall('classes.list', model ? { model: model.hash } : null)
  return useMemo(
    () => ({
      summary,
      key: summary.key,
      atlases: atlases ?? [],
      models: models ?? [],
      model,
      classes: classes ?? [],
      className: index => classes?.[index]?.title ?? `class ${index}`,
      published,
    }),
    [summary, atlases, models, model, classes, published],
  )
}
