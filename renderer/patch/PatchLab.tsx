import { type ComponentType, type ReactNode, useEffect } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { usePatchWish } from '../state/patches.ts'
import { useProject } from '../state/project.ts'
import { Empty, Segments, Select } from '../ui/controls.tsx'
import { Editor } from './Editor.tsx'
import { ExperimentBench } from './ExperimentBench.tsx'
import { type Bench, change, enter, lay, useLab } from './lab.ts'
import css from './patch.module.css'
import { SuggestBench } from './SuggestBench.tsx'
import { SweepBench } from './SweepBench.tsx'
import { useLabModel } from './use-lab.ts'

const BENCHES: readonly (readonly [Bench, string, string])[] = [
  ['editor', 'Editor', 'Lay patches on a photograph and watch what the network says'],
  ['sweep', 'Sweep', 'One photograph, every size and position'],
  ['experiment', 'Experiment', 'Many photographs, patches and controls, with intervals'],
  ['suggest', 'Suggest', 'Patches made from what tells two classes apart'],
]

const COMPONENTS: Readonly<Record<Bench, ComponentType<{ readonly model: ModelInfo }>>> = {
  editor: Editor,
  sweep: SweepBench,
  experiment: ExperimentBench,
  suggest: SuggestBench,
}

/** The patch lab: craft a patch, and measure what it does. */
export function PatchLab(): ReactNode {
  const { key, models } = useProject()
  const { bench, project } = useLab()
  const { model } = useLabModel()
  const wish = usePatchWish(state => state.patch)
  useEffect(() => enter(key), [key])
  useEffect(() => {
    if (wish === null || project !== key) return
    usePatchWish.setState({ patch: null })
    lay(wish)
    change({ bench: 'editor' })
  }, [wish, project, key])
  if (project !== key) return null
  if (model === undefined)
    return (
      <Empty title="No model yet">
        <p>Add a model to see what it makes of a photograph with a patch on it.</p>
      </Empty>
    )
  const Component = COMPONENTS[bench]
  return (
    <div className={css['lab']}>
      <div className={css['benches']}>
        <Segments label="Bench" value={bench} options={BENCHES} onChange={next => change({ bench: next })} />
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
