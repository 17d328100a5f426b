import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { bytes, count, duration } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { METHOD_WORDS, missing, type PlanForm, planOf, usualForm, withPreset } from './plan.ts'

const whole = (text: string, least = 0): number => Math.max(least, Math.floor(Number(text) || 0))

/** What an atlas is to be made from, and what it will cost, before any work begins. */
export function NewAtlas({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { model } = useProject()
  const { data: folders = [] } = useCall('data.list', {})
  const photographs = folders.reduce((sum, f) => sum + f.images, 0)
  const [changed, setChanged] = useState<Partial<PlanForm>>({})
  // Folders may arrive after the dialog has opened: fields that the user has not changed follow them.
  const form = useMemo(() => ({ ...usualForm(model, photographs), ...changed }), [model, photographs, changed])
  const [problem, setProblem] = useState('')
  const set = (part: Partial<PlanForm>): void => setChanged({ ...changed, ...part })
  const lacks = missing(form, model, folders)
  const settled = useDeferredValue(form)
  const plan = useMemo(() => planOf(settled, model, folders), [settled, model, folders])
  const estimate = useQuery({
    queryKey: ['atlas.estimate', plan],
    queryFn: () => call('atlas.estimate', plan!),
    enabled: plan !== null,
  })
  const build = async (): Promise<void> => {
    const wanted = planOf(form, model, folders)
    if (!wanted) return
    try {
      await call('atlas.build', wanted)
      onClose()
      show('jobs')
    } catch (error) {
      setProblem(reason(error))
    }
  }
  return (
    <Dialog title="Build an atlas" wide onClose={onClose}>
      {model && folders.length > 0 && (
        <div className={page['form']}>
          <fieldset className={page['wide']}>
            <legend>Layers, one atlas each</legend>
            <div className={css['layers']}>
              {model.layers.map(l => (
                <label
                  key={l.name}
                  title={`${l.channels} channels, ${l.height} × ${l.width} units, sees ${l.receptiveField} px`}
                >
                  <input
                    type="checkbox"
                    checked={form.layers.includes(l.name)}
                    onChange={e =>
                      set({
                        layers: model.layers
                          .map(o => o.name)
                          .filter(n => (n === l.name ? e.target.checked : form.layers.includes(n))),
                      })
                    }
                  />
                  {l.name}
                </label>
              ))}
            </div>
          </fieldset>
          <label>
            Samples
            <input
              className={ui['input']}
              type="number"
              min={1}
              step={1000}
              value={form.samples}
              onChange={e => set({ samples: whole(e.target.value, 1) })}
            />
            <small>{`About ${(form.samples / Math.max(1, photographs)).toFixed(1)} positions in each of ${count(photographs, 'photograph')}.`}</small>
          </label>
          <label>
            Grids, coarse to fine
            <input className={ui['input']} value={form.grids} onChange={e => set({ grids: e.target.value })} />
            <small>Cells along each edge; zooming goes from one to the next.</small>
          </label>
          <label>
            Icons
            <select
              className={ui['input']}
              value={form.preset}
              onChange={e => set(withPreset(PresetNameSchema.parse(e.target.value)))}
            >
              {PresetNameSchema.options.map(p => (
                <option key={p}>{p}</option>
              ))}
            </select>
            <small>{PRESETS[form.preset].description}</small>
          </label>
          <label>
            Layout
            <select
              className={ui['input']}
              value={form.method}
              onChange={e => set({ method: e.target.value === 'tsne' ? 'tsne' : 'umap' })}
            >
              <option value="umap">UMAP</option>
              <option value="tsne">t-SNE</option>
            </select>
            <small>{METHOD_WORDS[form.method]}</small>
          </label>
          <details className={page['wide']}>
            <summary>Parameters</summary>
            <Parameters form={form} set={set} />
          </details>
        </div>
      )}
      <p className={css['estimate']} role="status">
        {lacks ??
          (estimate.error
            ? estimate.error.message
            : estimate.data
              ? `About ${duration(estimate.data.seconds)}, ${bytes(estimate.data.diskBytes)} on disk and ${bytes(estimate.data.memoryBytes)} of memory. ${estimate.data.notes.join(' ')}`
              : 'Estimating time, disk and memory.')}
      </p>
      {problem && (
        <p role="alert" className={panel['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={lacks !== undefined} onClick={() => void build()}>
          Build
        </Button>
      </DialogFooter>
    </Dialog>
  )
}

interface ParametersProps {
  readonly form: PlanForm
  readonly set: (part: Partial<PlanForm>) => void
}

/** What decides an atlas but is seldom changed. */
const Parameters = ({ form, set }: ParametersProps): ReactNode => (
  <div className={page['form']}>
    <label>
      Neighbours
      <input
        className={ui['input']}
        type="number"
        min={2}
        max={500}
        value={form.neighbours}
        disabled={form.method === 'tsne'}
        onChange={e => set({ neighbours: Math.min(500, whole(e.target.value, 2)) })}
      />
      <small>More of them arrange the whole better, fewer the detail.</small>
    </label>
    <label>
      Least distance
      <input
        className={ui['input']}
        type="number"
        min={0}
        max={0.99}
        step={0.01}
        value={form.minDist}
        disabled={form.method === 'tsne'}
        onChange={e => set({ minDist: Math.min(0.99, Math.max(0, Number(e.target.value) || 0)) })}
      />
      <small>How tightly like samples may lie; .01 as in the article.</small>
    </label>
    <label>
      Metric
      <select
        className={ui['input']}
        value={form.metric}
        onChange={e => set({ metric: e.target.value === 'euclidean' ? 'euclidean' : 'cosine' })}
      >
        <option value="cosine">cosine: directions, whatever their length</option>
        <option value="euclidean">euclidean: length counts too</option>
      </select>
    </label>
    <label>
      Steps of each icon
      <input
        className={ui['input']}
        inputMode="numeric"
        placeholder="the preset’s own"
        value={form.steps}
        onChange={e => set({ steps: e.target.value.replace(/\D/g, '') })}
      />
    </label>
    <label>
      Seed
      <input
        className={ui['input']}
        type="number"
        min={0}
        value={form.seed}
        onChange={e => set({ seed: Math.min(0xffff_ffff, whole(e.target.value)) })}
      />
      <small>The same seed gives the same atlas.</small>
    </label>
    <label>
      Name
      <input
        className={ui['input']}
        maxLength={120}
        placeholder={`${form.layers.join(', ')}, ${form.preset}`}
        value={form.name}
        onChange={e => set({ name: e.target.value })}
      />
    </label>
  </div>
)
