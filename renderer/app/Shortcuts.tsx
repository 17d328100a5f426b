import type { ReactNode } from 'react'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import css from './app.module.css'
import { COMMANDS, type Command } from './commands.ts'
import { keysText } from './keys.ts'

/** The keys and gestures of a focused map, as handled by atlas/gestures.ts. */
const MAP: readonly (readonly [keys: string, text: string])[] = [
  ['← ↑ → ↓', 'Pan'],
  ['+ −', 'Zoom in, zoom out'],
  ['0 or Home', 'Fit the atlas'],
  ['Enter', 'Select or deselect the centre cell'],
  ['Alt ← ↑ → ↓', 'Select the next cell'],
  ['Alt Shift ← ↑ → ↓', 'Extend the selection to the next cell'],
  ['Shift click', 'Add a cell to the selection or remove it'],
  ['Shift drag', 'Lasso selection'],
  ['Escape', 'Clear selection'],
]
const GROUPS: readonly Command['group'][] = ['Views', 'Project', 'Map', 'Edit', 'Window']

/** The keys of the menu that the page does not handle. */
const MENU: readonly (readonly [keys: string, text: string])[] = [
  ['Mod+N', 'New project'],
  ['Mod+O', 'Open a project'],
  ['Mod+Plus', 'Larger text'],
  ['Mod+-', 'Smaller text'],
  ['Mod+0', 'Normal text'],
]

/** The commands of a group by their text, each with all of its keys. */
export function keysOf(group: Command['group']): readonly (readonly [text: string, keys: readonly string[]])[] {
  const own = COMMANDS.filter(command => command.group === group)
  const texts = [...new Set(own.filter(({ keys }) => keys !== undefined).map(({ text }) => text))]
  return texts.map(each => [each, own.flatMap(({ text, keys }) => (text === each && keys ? [keys] : []))])
}

/** All keyboard shortcuts. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div className={css['shortcuts']}>
        {GROUPS.map(group => (
          <section key={group}>
            <h3 className={panel['label']}>{group}</h3>
            <dl>
              {keysOf(group).map(([text, keys]) => (
                <Row key={text} keys={keys.map(each => keysText(each)).join(', ')} text={text} />
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className={panel['label']}>Menu</h3>
          <dl>
            {MENU.map(([keys, text]) => (
              <Row key={keys} keys={keysText(keys)} text={text} />
            ))}
          </dl>
        </section>
        <section>
          <h3 className={panel['label']}>Map (when focused)</h3>
          <dl>
            {MAP.map(([keys, text]) => (
              <Row key={keys} keys={keys} text={text} />
            ))}
          </dl>
        </section>
      </div>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
      </DialogFooter>
    </Dialog>
  )
}

function Row({ keys, text }: { readonly keys: string; readonly text: string }): ReactNode {
  return (
    <>
      <dt>{text}</dt>
      <dd>
        <kbd>{keys}</kbd>
      </dd>
    </>
  )
}
