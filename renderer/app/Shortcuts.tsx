import type { ReactNode } from 'react'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import css from './app.module.css'
import { COMMANDS, type Command } from './commands.ts'
import { keysText } from './keys.ts'

/** What gestures.ts listens for on a focused map. */
const MAP: readonly (readonly [keys: string, text: string])[] = [
  ['← ↑ → ↓', 'Move'],
  ['+ −', 'Nearer, farther'],
  ['0 or Home', 'Show the whole atlas'],
  ['Enter', 'Select the cell in the middle, or part with it'],
  ['Alt ← ↑ → ↓', 'Go on to the next cell'],
  ['Alt Shift ← ↑ → ↓', 'Take the next cell in as well'],
  ['Shift click', 'Take a cell in or out'],
  ['Shift drag', 'Draw around cells'],
  ['Escape', 'Select nothing'],
]
const GROUPS: readonly Command['group'][] = ['Show', 'Project', 'Map', 'Edit', 'Window']

/** Every key that does something. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div className={css['shortcuts']}>
        {GROUPS.map(group => (
          <section key={group}>
            <h3 className={panel['label']}>{group}</h3>
            <dl>
              {COMMANDS.filter(c => c.group === group && c.keys).map(c => (
                <Row key={c.id} keys={keysText(c.keys!)} text={c.text} />
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className={panel['label']}>On a focused map</h3>
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

const Row = ({ keys, text }: { readonly keys: string; readonly text: string }): ReactNode => (
  <>
    <dt>{text}</dt>
    <dd>
      <kbd>{keys}</kbd>
    </dd>
  </>
)
