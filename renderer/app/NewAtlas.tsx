import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { PresetNameSchema, StartKind } from '../../electron/contract/inversion.ts'
import { ALIGN_TRADE_OFF, METHOD_TRADE_OFF } from '../../electron/contract/layout.ts'
import { FROM_PHOTOGRAPHS, PRESETS } from '../../electron/contract/presets.ts'
import type { FolderInfo } from '../../electron/contract/project.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { bytes, duration, number, wholeNumber } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import {
  canAlign,
  defaultForm,
  missing,
  type PlanForm,
  photographsIn,
  planOf,
  positionsText,
  withPreset,
} from './plan.ts'

const NO_FOLDERS: readonly FolderInfo[] = []

/** The parameters of a new atlas, with an estimate of its time, disk and memory. */
export function NewAtlas({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { model } = useProject()
  const { data: folders = NO_FOLDERS } = useCall('folder.list', {})
  const [changed, setChanged] = useState<Partial<PlanForm>>({})
  // Folders may arrive after the dialog has opened: fields that the user has not changed follow them.
  const form = useMemo(() => ({ ...defaultForm(model, folders), ...changed }), [model, folders, changed])
  const photographs = photographsIn(folders, form.folders)
  const [problem, setProblem] = useState('')
  const set = (part: Partial<PlanForm>): void => setChanged({ ...changed, ...part })
  const incomplete = missing(form, model, folders)
  const settled = useDeferredValue(form)
  const plan = useMemo(() => planOf(settled, model, folders), [settled, model, folders])
  const estimate = useQuery({
    queryKey: ['atlas.estimate', plan],
    queryFn: () => call('atlas.estimate', plan!),
    enabled: plan !== null,
  })
  const build = async (): Promise<void> => {
    const complete = planOf(form, model, folders)
    if (!complete) return
    try {
      await call('atlas.build', complete)
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
            <legend>Layers (one atlas per layer)</legend>
            <div className={css['layers']}>
              {model.layers.map(l => (
                <label
                  key={l.name}
                  title={`${l.channels} channels, ${l.height} × ${l.width} units, receptive field ${l.receptiveField} px`}
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
          {(folders.length > 1 || folders.some(({ available }) => !available)) && (
            <Folders folders={folders} chosen={form.folders} onChange={ids => set({ folders: ids })} />
          )}
          <NumberField
            label="Samples"
            value={form.samples}
            min={1}
            step={1000}
            onChange={value => set({ samples: value })}
          >
            <small>{positionsText(form.samples, photographs)}</small>
          </NumberField>
          <label>
            Positions
            <select
              className={ui['input']}
              value={form.border}
              onChange={e => set({ border: e.target.value === 'include' ? 'include' : 'exclude' })}
            >
              <option value="exclude">away from the edge of the frame</option>
              <option value="include">anywhere in the frame</option>
            </select>
            <small>
              {form.border === 'exclude'
                ? 'The outermost units of the coarsest layer are never sampled: with 7 × 7 units, half of the frame.'
                : 'All of the frame is sampled; on its edge, padding counts as much as the photograph.'}
            </small>
          </label>
          <label>
            Grids, coarse to fine
            <input className={ui['input']} value={form.grids} onChange={e => set({ grids: e.target.value })} />
            <small>Cells per side; zooming switches between them. “auto”: 10 to 320, as far as the samples fill.</small>
          </label>
          <label>
            Preset
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
            <small>{METHOD_TRADE_OFF[form.method]}</small>
          </label>
          <label>
            Alignment
            <select
              className={ui['input']}
              value={form.align && canAlign(form) ? 'aligned' : 'separate'}
              disabled={!canAlign(form)}
              onChange={e => set({ align: e.target.value === 'aligned' })}
            >
              <option value="separate">separate layouts</option>
              <option value="aligned">aligned: laid out together</option>
            </select>
            <small>{ALIGN_TRADE_OFF}</small>
          </label>
          <details className={page['wide']}>
            <summary>Parameters</summary>
            <Parameters form={form} set={set} />
          </details>
        </div>
      )}
      <p className={css['estimate']} role="status">
        {incomplete ??
          (estimate.error
            ? estimate.error.message
            : estimate.data
              ? `Estimate: ${duration(estimate.data.seconds)}, ${bytes(estimate.data.diskBytes)} on disk, ${bytes(estimate.data.memoryBytes)} of memory. ${estimate.data.notes.join(' ')}`
              : 'Estimating time, disk and memory…')}
      </p>
      {problem && (
        <p role="alert" className={panel['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={incomplete !== undefined} onClick={() => void build()}>
          Build
        </Button>
      </DialogFooter>
    </Dialog>
  )
}

interface FoldersProps {
  readonly folders: readonly FolderInfo[]
  readonly chosen: readonly number[]
  readonly onChange: (ids: readonly number[]) => void
}

/** The folders to sample; one that is not found cannot be chosen. */
function Folders({ folders, chosen, onChange }: FoldersProps): ReactNode {
  return (
    <fieldset className={page['wide']}>
      <legend>Folders</legend>
      <div className={css['layers']}>
        {folders.map(({ id, name, path, images, available }) => (
          <label key={id} title={path ?? name}>
            <input
              type="checkbox"
              disabled={!available}
              checked={available && chosen.includes(id)}
              onChange={e => onChange(e.target.checked ? [...chosen, id] : chosen.filter(other => other !== id))}
            />
            {available ? `${name} (${number(images)})` : `${name}: not found, relink it on the page Photographs`}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface ParametersProps {
  readonly form: PlanForm
  readonly set: (part: Partial<PlanForm>) => void
}

/** Parameters that are rarely changed. */
function Parameters({ form, set }: ParametersProps): ReactNode {
  return (
    <div className={page['form']}>
      <label>
        Neighbours (n_neighbors)
        <input
          className={ui['input']}
          type="number"
          min={2}
          max={500}
          value={form.neighbours}
          disabled={form.method === 'tsne'}
          onChange={e => set({ neighbours: Math.min(500, wholeNumber(e.target.value, 2)) })}
        />
        <small>Larger values preserve global structure, smaller values local structure.</small>
      </label>
      <label>
        Minimum distance (min_dist)
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
        <small>How closely samples may be packed; 0.01 in the article.</small>
      </label>
      <label>
        Metric
        <select
          className={ui['input']}
          value={form.metric}
          onChange={e => set({ metric: e.target.value === 'euclidean' ? 'euclidean' : 'cosine' })}
        >
          <option value="cosine">cosine: direction only</option>
          <option value="euclidean">euclidean: direction and length</option>
        </select>
      </label>
      <label>
        Optimisation steps per icon
        <input
          className={ui['input']}
          inputMode="numeric"
          placeholder="preset default"
          value={form.steps}
          onChange={e => set({ steps: e.target.value.replace(/\D/g, '') })}
        />
      </label>
      <label className={page['wide']}>
        Icons
        <select
          className={ui['input']}
          value={form.start}
          onChange={e => set({ start: StartKind.parse(e.target.value) })}
        >
          <option value="noise">Start from noise</option>
          <option value="photographs">
            {`Start from photographs (blurred mean of ${FROM_PHOTOGRAPHS.crops} crops)`}
          </option>
        </select>
        <small>
          {form.start === 'noise'
            ? 'Nothing in the icons comes from photographs.'
            : `Rough colour and light come from photographs of the cell, one crop of each, up to ${FROM_PHOTOGRAPHS.crops}; cells with fewer than ${FROM_PHOTOGRAPHS.minimum} start from noise.`}
        </small>
      </label>
      <NumberField label="Seed" value={form.seed} onChange={value => set({ seed: value })}>
        <small>The same seed gives the same atlas.</small>
      </NumberField>
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
}
