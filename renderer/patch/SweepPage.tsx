import { type ReactNode, useState } from 'react'
import { lookOf, lookText, type PatchLook, PLAIN_LOOK } from '../../electron/contract/placement.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty } from '../ui/controls.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { LookField } from './LookField.tsx'
import { change, useLab } from './lab.ts'
import css from './lab-page.module.css'
import { type LookSource, measuredPlacement } from './looks.ts'
import { SourceTarget } from './SourceTarget.tsx'
import { SweepView } from './SweepView.tsx'
import { sizesBetween } from './sweep-grid.ts'

/** Sweeps: one patch on one photograph over sizes and positions. */
export function SweepPage({ model }: { readonly model: ModelInfo }): ReactNode {
  const { key: project } = useProject()
  const { edited, selected, source, target, sweep } = useLab()
  const runs = useCall('sweep.list', {})
  const [to, setTo] = useState(0.8)
  const [step, setStep] = useState(0.05)
  const [positions, setPositions] = useState(5)
  const [lookSource, setLookSource] = useState<LookSource>('editor')
  const [aspect, setAspect] = useState<PatchLook['aspect']>('square')
  const placed = measuredPlacement(edited.patches, selected)
  const fromEditor = placed !== undefined && lookSource === 'editor'
  const look = fromEditor ? lookOf(placed) : { ...PLAIN_LOOK, aspect }
  const sizes = sizesBetween(0, to, step)
  const shown = sweep ?? runs.data?.[0]?.id ?? null
  const missing =
    edited.image === null
      ? 'Choose a photograph in the editor first.'
      : placed === undefined
        ? 'Place a patch on the photograph in the editor first.'
        : source === null || target === null
          ? 'Choose a source and a target class.'
          : ''
  const start = async (): Promise<void> => {
    if (edited.image === null || placed === undefined || source === null || target === null) return
    const plan = {
      model: model.hash,
      image: edited.image,
      patch: placed.patch,
      look,
      source,
      target,
      sizes,
      positions,
    }
    const started = await call('sweep.start', plan)
    await client.invalidateQueries({ queryKey: ['jobs.list'] })
    await client.invalidateQueries({ queryKey: ['sweep.list'] })
    change({ sweep: started.sweep })
  }
  return (
    <div className={css['page']}>
      <aside className={css['side']} aria-label="Sweep">
        <h2 className={panel['label']}>New sweep</h2>
        <div className={css['pair']}>
          {edited.image !== null && (
            <img
              alt="Photograph"
              src={pictureAddress({ kind: 'photo', project, image: edited.image, box: null, size: 128 })}
            />
          )}
          {placed && <img alt="Patch" src={pictureAddress({ kind: 'patch', project, patch: placed.patch })} />}
        </div>
        <SourceTarget model={model} />
        <div className={css['fields']}>
          <NumberField
            label="Maximum size, %"
            value={Math.round(to * 100)}
            min={5}
            max={100}
            floor={1}
            onChange={value => setTo(value / 100)}
          />
          <NumberField
            label="Step, %"
            value={Math.round(step * 100)}
            min={1}
            max={50}
            onChange={value => setStep(value / 100)}
          />
          <label>
            Positions
            <select className={ui['input']} value={positions} onChange={e => setPositions(Number(e.target.value))}>
              <option value={2}>Four corners</option>
              {[3, 5, 7, 9, 14].map(n => (
                <option key={n} value={n}>{`${n} × ${n}`}</option>
              ))}
            </select>
          </label>
          <LookField
            label="Look of the patch"
            value={fromEditor ? 'editor' : 'plain'}
            sources={placed === undefined ? ['plain'] : ['editor', 'plain']}
            lines={[lookText(look)]}
            notes={[]}
            aspect={fromEditor ? null : aspect}
            onChange={setLookSource}
            onAspect={setAspect}
          />
        </div>
        <p className={panel['note']}>{missing || `${count(sizes.length * positions ** 2, 'composition')}`}</p>
        <Button look="primary" disabled={missing !== ''} onClick={() => void attempt(start)}>
          Start sweep
        </Button>
        {runs.data && runs.data.length > 0 && (
          <>
            <h2 className={panel['label']}>Previous runs</h2>
            <ul className={css['runs']}>
              {runs.data.map(({ id, plan, created }) => (
                <li key={id}>
                  <button type="button" aria-pressed={id === shown} onClick={() => change({ sweep: id })}>
                    <img
                      alt=""
                      src={pictureAddress({ kind: 'photo', project, image: plan.image, box: null, size: 64 })}
                    />
                    <img alt="" src={pictureAddress({ kind: 'patch', project, patch: plan.patch })} />
                    <span>{`${count(plan.sizes.length, 'size')}, ${plan.positions} × ${plan.positions}`}</span>
                    <small>{new Date(created).toLocaleDateString('en-GB')}</small>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </aside>
      {shown === null ? (
        <Empty title="No sweeps yet">
          <p>A sweep shows, for one photograph, at which sizes and positions a patch changes the prediction.</p>
        </Empty>
      ) : (
        <SweepView key={shown} id={shown} />
      )}
    </div>
  )
}
