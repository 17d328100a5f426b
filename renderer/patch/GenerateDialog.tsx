import { type ReactNode, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import type { PatchDirection } from '../../electron/contract/patch.ts'
import { ClassChooser } from '../compare/ClassChooser.tsx'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { Button, Segments } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'
import { useLab } from './lab.ts'
import { useLabModel } from './use-lab.ts'

/** Generates a patch by inversion of a class logit, a channel or a cell's direction. */
export function GenerateDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { model, classes } = useLabModel()
  const cell = useView(state => state.selection?.cells[0] ?? null)
  const target = useLab(state => state.target)
  const [kind, setKind] = useState<PatchDirection['kind']>('class')
  const [index, setIndex] = useState(target)
  const [layer, setLayer] = useState(model?.layers.at(-1)?.name ?? '')
  const [channel, setChannel] = useState(0)
  const [preset, setPreset] = useState<(typeof PresetNameSchema.options)[number]>('atlas')
  const [size, setSize] = useState(96)
  const [seed, setSeed] = useState(0)
  const [problem, setProblem] = useState('')
  const direction: PatchDirection | null =
    kind === 'cell'
      ? cell && { kind, cell }
      : kind === 'class'
        ? index === null
          ? null
          : { kind, class: index }
        : { kind, layer, channel }
  const generate = async (): Promise<void> => {
    if (!model || !direction) return
    try {
      await call('patch.generate', { model: model.hash, direction, preset, seed, size })
      notify('Generating the patch; it appears in the gallery when done.')
      onClose()
    } catch (error) {
      setProblem(reason(error))
    }
  }
  return (
    <Dialog title="Generate a patch" onClose={onClose}>
      <Segments
        label="Target"
        value={kind}
        options={[
          ['class', 'Class', 'The weights of its logit at the last layer'],
          ['channel', 'Channel'],
          ['cell', 'Selected cell', 'The mean activation of the cell that is selected on the map'],
        ]}
        onChange={setKind}
      />
      <div className={page['form']} style={{ marginTop: 16 }}>
        {kind === 'class' && (
          <div className={page['wide']}>
            <ClassChooser label="Class" classes={classes} value={index} onChange={setIndex} />
          </div>
        )}
        {kind === 'channel' && (
          <>
            <label>
              Layer
              <select className={ui['input']} value={layer} onChange={e => setLayer(e.target.value)}>
                {model?.layers.map(l => (
                  <option key={l.name} value={l.name}>{`${l.name}, ${l.channels} channels`}</option>
                ))}
              </select>
            </label>
            <NumberField
              label="Channel"
              value={channel}
              max={(model?.layers.find(l => l.name === layer)?.channels ?? 1) - 1}
              onChange={setChannel}
            />
          </>
        )}
        {kind === 'cell' && (
          <p className={page['wide']}>
            {cell
              ? `Row ${cell.i}, column ${cell.j} of the ${cell.grid} × ${cell.grid} grid.`
              : 'No cell is selected: select one in the Atlas view first.'}
          </p>
        )}
        <label>
          Preset
          <select
            className={ui['input']}
            value={preset}
            onChange={e => setPreset(PresetNameSchema.parse(e.target.value))}
          >
            {PresetNameSchema.options.map(p => (
              <option key={p}>{p}</option>
            ))}
          </select>
        </label>
        <NumberField label="Size, pixels" value={size} min={32} max={512} floor={0} onChange={setSize} />
        <NumberField label="Seed" value={seed} onChange={setSeed} />
      </div>
      <p className={panel['note']} style={{ marginTop: 16 }}>
        Runs as a job; the patch appears in the gallery when done.
      </p>
      {problem && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={!direction || size < 32} onClick={() => void generate()}>
          Generate
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
