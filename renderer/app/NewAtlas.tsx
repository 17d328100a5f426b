import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { AtlasPlan } from '../../electron/contract/atlas.ts'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { bytes, duration } from '../ui/text.ts'
import ui from '../ui/ui.module.css'

const PRESETS: Readonly<Record<AtlasPlan['preset'], string>> = {
  preview: 'Preview: a few seconds, to see whether it is worth more',
  faithful: 'Faithful: the network answers most nearly what the cell says',
  notebook: 'Notebook: as the article’s notebook, bold and distinct',
  recipe: 'Recipe: as lucid’s recipe, with quiet borders',
  article: 'Article: as published, slow',
}

/** What an atlas is to be made from, and what it will cost, before any work begins. */
export function NewAtlas({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { models } = useProject()
  const folders = useCall('data.list', {})
  const model = models[0]
  const [layer, setLayer] = useState(
    model?.layers.find(l => l.name === 'mixed4c')?.name ?? model?.layers.at(-1)?.name ?? '',
  )
  const [samples, setSamples] = useState(20_000)
  const [grids, setGrids] = useState('10, 20, 40')
  const [preset, setPreset] = useState<AtlasPlan['preset']>('notebook')
  const [method, setMethod] = useState<AtlasPlan['method']>('umap')
  const [seed, setSeed] = useState(0)
  const [problem, setProblem] = useState('')
  const numbers = grids
    .split(/[\s,]+/)
    .map(Number)
    .filter(g => Number.isInteger(g) && g > 0)
  const plan: AtlasPlan | null =
    model && folders.data && folders.data.length > 0 && numbers.length > 0 && layer !== ''
      ? {
          name: `${layer}, ${preset}`,
          model: model.hash,
          folders: folders.data.map(f => f.id),
          layers: [layer],
          samples,
          grids: numbers,
          preset,
          seed,
          method,
          neighbours: 20,
          minDist: 0.01,
          metric: 'cosine',
          layoutSeed: seed,
        }
      : null
  const estimate = useQuery({
    queryKey: ['atlas.estimate', plan],
    queryFn: () => call('atlas.estimate', plan!),
    enabled: plan !== null,
  })
  const build = async (): Promise<void> => {
    if (!plan) return
    try {
      await call('atlas.build', plan)
      onClose()
      show('jobs')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const whole = (text: string): number => Math.max(0, Math.floor(Number(text) || 0))
  return (
    <Dialog title="Build an atlas" onClose={onClose}>
      {!model || folders.data?.length === 0 ? (
        <p className={panel['note']}>
          {model
            ? 'Add a folder of photographs first: Photographs, Add a folder.'
            : 'Add a model first: Models, Add a model.'}
        </p>
      ) : (
        <div className={page['form']}>
          <label>
            Layer
            <select className={ui['input']} value={layer} onChange={e => setLayer(e.target.value)}>
              {model.layers.map(l => (
                <option key={l.name} value={l.name}>{`${l.name}, ${l.channels} channels`}</option>
              ))}
            </select>
          </label>
          <label>
            Samples
            <input
              className={ui['input']}
              type="number"
              min={1}
              step={1000}
              value={samples}
              onChange={e => setSamples(Math.max(1, whole(e.target.value)))}
            />
          </label>
          <label>
            Grids, coarse to fine
            <input className={ui['input']} value={grids} onChange={e => setGrids(e.target.value)} />
          </label>
          <label>
            Layout
            <select
              className={ui['input']}
              value={method}
              onChange={e => setMethod(e.target.value === 'tsne' ? 'tsne' : 'umap')}
            >
              <option value="umap">UMAP: keeps neighbourhoods, for any size</option>
              <option value="tsne">t-SNE: finer clusters, for small sets</option>
            </select>
          </label>
          <label className={page['wide']}>
            Icons
            <select
              className={ui['input']}
              value={preset}
              onChange={e => setPreset(PresetNameSchema.parse(e.target.value))}
            >
              {PresetNameSchema.options.map(p => (
                <option key={p} value={p}>
                  {PRESETS[p]}
                </option>
              ))}
            </select>
          </label>
          <label>
            Seed
            <input
              className={ui['input']}
              type="number"
              min={0}
              value={seed}
              onChange={e => setSeed(whole(e.target.value))}
            />
          </label>
        </div>
      )}
      <p className={panel['note']} style={{ marginTop: 16 }} role="status">
        {estimate.error
          ? estimate.error.message
          : estimate.data &&
            `About ${duration(estimate.data.seconds)}, ${bytes(estimate.data.diskBytes)} on disk and ${bytes(estimate.data.memoryBytes)} of memory. ${estimate.data.notes.join(' ')}`}
      </p>
      {problem && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={!plan} onClick={() => void build()}>
          Build
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
