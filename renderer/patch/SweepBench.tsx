import { type ReactNode, useState } from 'react'
import { PatchLook } from '../../electron/contract/patch.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './bench.module.css'
import { change, useLab } from './lab.ts'
import { SourceTarget } from './SourceTarget.tsx'
import { SweepView } from './SweepView.tsx'
import { sizesBetween } from './sweep-grid.ts'

/** One patch on one photograph over all sizes and positions. */
export function SweepBench({ model }: { readonly model: ModelInfo }): ReactNode {
  const { key: project } = useProject()
  const { craft, selected, source, target, sweep } = useLab()
  const made = useCall('sweep.list', {})
  const [to, setTo] = useState(0.8)
  const [step, setStep] = useState(0.05)
  const [positions, setPositions] = useState(5)
  const layer = craft.layers.find(l => l.id === selected) ?? craft.layers.at(-1)
  const sizes = sizesBetween(0, to, step)
  const shown = sweep ?? made.data?.[0]?.id ?? null
  const missing =
    craft.image === null
      ? 'Choose a photograph in the editor first.'
      : layer === undefined
        ? 'Lay a patch on the photograph in the editor first.'
        : source === null || target === null
          ? 'Choose a source and a target class.'
          : ''
  const start = async (): Promise<void> => {
    if (craft.image === null || layer === undefined || source === null || target === null) return
    const plan = {
      model: model.hash,
      image: craft.image,
      patch: layer.patch,
      look: PatchLook.parse(layer),
      source,
      target,
      sizes,
      positions,
    }
    const begun = await call('sweep.start', plan)
    await client.invalidateQueries({ queryKey: ['jobs.list'] })
    await client.invalidateQueries({ queryKey: ['sweep.list'] })
    change({ sweep: begun.sweep })
  }
  return (
    <div className={css['bench']}>
      <aside className={css['side']} aria-label="Sweep">
        <h2 className={panel['label']}>New sweep</h2>
        <div className={css['pair']}>
          {craft.image !== null && (
            <img
              alt="Photograph"
              src={pictureAddress({ kind: 'photo', project, image: craft.image, box: null, size: 128 })}
            />
          )}
          {layer && <img alt="Patch" src={pictureAddress({ kind: 'patch', project, patch: layer.patch })} />}
        </div>
        <SourceTarget model={model} />
        <div className={css['fields']}>
          <label>
            Sizes up to, %
            <input
              className={ui['input']}
              type="number"
              min={5}
              max={100}
              value={Math.round(to * 100)}
              onChange={e => setTo(Math.min(100, Math.max(1, Number(e.target.value))) / 100)}
            />
          </label>
          <label>
            In steps of, %
            <input
              className={ui['input']}
              type="number"
              min={1}
              max={50}
              value={Math.round(step * 100)}
              onChange={e => setStep(Math.min(50, Math.max(1, Number(e.target.value))) / 100)}
            />
          </label>
          <label>
            Positions
            <select className={ui['input']} value={positions} onChange={e => setPositions(Number(e.target.value))}>
              <option value={2}>The four corners</option>
              {[3, 5, 7, 9, 14].map(n => (
                <option key={n} value={n}>{`${n} × ${n}`}</option>
              ))}
            </select>
          </label>
        </div>
        <p className={panel['note']}>{missing || `${count(sizes.length * positions ** 2, 'composition')}`}</p>
        <Button look="primary" disabled={missing !== ''} onClick={() => void attempt(start)}>
          Sweep
        </Button>
        {made.data && made.data.length > 0 && (
          <>
            <h2 className={panel['label']}>Made before</h2>
            <ul className={css['made']}>
              {made.data.map(({ id, plan, created }) => (
                <li key={id}>
                  <button type="button" aria-pressed={id === shown} onClick={() => change({ sweep: id })}>
                    <img
                      alt=""
                      src={pictureAddress({ kind: 'photo', project, image: plan.image, box: null, size: 64 })}
                    />
                    <img alt="" src={pictureAddress({ kind: 'patch', project, patch: plan.patch })} />
                    <span>{`${plan.sizes.length} sizes, ${plan.positions} × ${plan.positions}`}</span>
                    <small>{new Date(created).toLocaleDateString('en-GB')}</small>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </aside>
      {shown === null ? (
        <Empty title="Nothing swept yet">
          <p>A sweep shows for one photograph where a patch must lie, and how large it must be, to turn the answer.</p>
        </Empty>
      ) : (
        <SweepView key={shown} id={shown} />
      )}
    </div>
  )
}
