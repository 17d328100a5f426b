import type { ReactNode } from 'react'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'

const MEMORY = [128, 256, 512, 1024] as const
const SMALLEST = [
  [14, 'Finer grids sooner'],
  [20, 'As usual'],
  [32, 'Large icons longer'],
] as const

/** How this machine shows projects. What is set holds at once. */
export function Settings({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { motion, textures, smallest, imagePreset } = useSettings()
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div className={page['form']}>
        <label>
          Movement
          <select
            className={ui['input']}
            value={motion}
            onChange={e => changeSettings({ motion: e.target.value === 'none' ? 'none' : 'system' })}
          >
            <option value="system">As the system says</option>
            <option value="none">None: views change at once</option>
          </select>
        </label>
        <label>
          Memory of the graphics card for icons
          <select
            className={ui['input']}
            value={textures}
            onChange={e => {
              const wanted = MEMORY.find(m => m === Number(e.target.value))
              if (wanted) changeSettings({ textures: wanted })
            }}
          >
            {MEMORY.map(m => (
              <option key={m} value={m}>{`${m} MiB, shared by the panes`}</option>
            ))}
          </select>
        </label>
        <label>
          Grid by zoom
          <select
            className={ui['input']}
            value={smallest}
            onChange={e => changeSettings({ smallest: Number(e.target.value) })}
          >
            {SMALLEST.map(([pixels, text]) => (
              <option key={pixels} value={pixels}>{`${text}: icons from ${pixels} px`}</option>
            ))}
          </select>
        </label>
        <label>
          Icons of a photograph
          <select
            className={ui['input']}
            value={imagePreset}
            onChange={e => changeSettings({ imagePreset: PresetNameSchema.parse(e.target.value) })}
          >
            {PresetNameSchema.options.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <p className={panel['note']}>These belong to this machine; what a project shows is kept in the project.</p>
      <DialogFooter>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
