import { type ComponentType, type ReactNode, useEffect } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { usePendingPatch } from '../state/patches.ts'
import { useProject } from '../state/project.ts'
import { Empty, Segments, Select } from '../ui/controls.tsx'
import { Editor } from './Editor.tsx'
import { ExperimentPage } from './ExperimentPage.tsx'
import { change, enter, type LabMode, placePatch, useLab } from './lab.ts'
import css from './patch.module.css'
import { SuggestionPage } from './SuggestionPage.tsx'
import { SweepPage } from './SweepPage.tsx'
import { useLabModel } from './use-lab.ts'

const MODES: readonly (readonly [LabMode, string, string])[] = [
  ['editor', 'Editor', 'Place patches on a photograph and see the predictions'],
  ['sweep', 'Sweep', 'One photograph, every size and position'],
  ['experiment', 'Experiment', 'Many photographs, patches and controls, with confidence intervals'],
  ['suggest', 'Suggestions', 'Patches proposed from what separates two classes'],
]

const COMPONENTS: Readonly<Record<LabMode, ComponentType<{ readonly model: ModelInfo }>>> = {
  editor: Editor,
  sweep: SweepPage,
  experiment: ExperimentPage,
  suggest: SuggestionPage,
}

/** The patch lab: compose patches on photographs, and measure their effect. */
export function PatchLab(): ReactNode {
  const { key, models } = useProject()
  const { mode, project } = useLab()
  const { model } = useLabModel()
  const pending = usePendingPatch(state => state.patch)
  useEffect(() => enter(key), [key])
  useEffect(() => {
    if (pending === null || project !== key) return
    usePendingPatch.setState({ patch: null })
    placePatch(pending)
    change({ mode: 'editor' })
  }, [pending, project, key])
  if (project !== key) return null
  if (model === undefined)
    return (
      <Empty title="No model yet">
        <p>Add a model to see its predictions for photographs with patches.</p>
      </Empty>
    )
  const Component = COMPONENTS[mode]
  return (
    <div className={css['lab']}>
      <div className={css['modes']}>
        <Segments label="Mode" value={mode} options={MODES} onChange={next => change({ mode: next })} />
        <span className={css['spacer']} />
        {models.length > 1 ? (
          <Select label="Model" value={model.hash} onChange={e => change({ model: e.target.value, source: null })}>
            {models.map(m => (
              <option key={m.hash} value={m.hash}>
                {m.name}
              </option>
            ))}
          </Select>
        ) : (
          <span className={css['soft']}>{model.name}</span>
        )}
      </div>
      <Component model={model} />
    </div>
  )
}
