import type { ReactNode } from 'react'
import { QueueSetting } from '../jobs/QueueSetting.tsx'
import { changeSettings, useSettings } from '../state/settings.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'

const GPU_MEMORY = [128, 256, 512, 1024] as const
const THEMES = [
  ['dark', 'Dark'],
  ['light', 'Light'],
  ['system', 'System setting'],
] as const
const SMALLEST_ICON = [
  [14, 'Switch to finer grids early'],
  [20, 'Default'],
  [32, 'Switch to finer grids late'],
] as const

/** Settings of this computer, applied at once. */
export function Settings({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { motion, theme, textures, smallest } = useSettings()
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div className={page['form']}>
        <label>
          Theme
          <select
            className={ui['input']}
            value={theme}
            onChange={e => changeSettings({ theme: THEMES.find(([name]) => name === e.target.value)?.[0] ?? 'dark' })}
          >
            {THEMES.map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          Animation
          <select
            className={ui['input']}
            value={motion}
            onChange={e => changeSettings({ motion: e.target.value === 'none' ? 'none' : 'system' })}
          >
            <option value="system">System setting</option>
            <option value="none">Off</option>
          </select>
        </label>
        <label>
          GPU memory for icons
          <select
            className={ui['input']}
            value={textures}
            onChange={e => {
              const chosen = GPU_MEMORY.find(m => m === Number(e.target.value))
              if (chosen) changeSettings({ textures: chosen })
            }}
          >
            {GPU_MEMORY.map(m => (
              <option key={m} value={m}>{`${m} MiB, shared by all panes`}</option>
            ))}
          </select>
        </label>
        <label>
          Automatic grid
          <select
            className={ui['input']}
            value={smallest}
            onChange={e => changeSettings({ smallest: Number(e.target.value) })}
          >
            {SMALLEST_ICON.map(([pixels, text]) => (
              <option key={pixels} value={pixels}>{`${text} (icons of at least ${pixels} px)`}</option>
            ))}
          </select>
        </label>
      </div>
      <QueueSetting />
      <p className={panel['note']}>Settings apply to this computer; views are saved in the project.</p>
      <DialogFooter>
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
