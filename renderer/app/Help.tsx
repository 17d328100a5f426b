import type { ReactNode } from 'react'
import { openDialog } from '../state/dialogs.ts'
import { startTour } from '../tour/state.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { TERMS } from '../ui/terms.ts'
import css from './help.module.css'

const NAMES: readonly (readonly [keyof typeof TERMS, string])[] = [
  ['icon', 'Icon'],
  ['cell', 'Cell'],
  ['sample', 'Sample'],
  ['density', 'Size of icons'],
  ['label', 'Label'],
  ['attribution', 'Attribution'],
  ['logit', 'Logit'],
  ['logOdds', 'Log-odds'],
  ['fidelity', 'Fidelity'],
  ['chance', 'Chance'],
  ['robustFidelity', 'Robust fidelity'],
  ['trustworthiness', 'Trustworthiness'],
  ['stability', 'Stability'],
  ['spread', 'Spread'],
  ['whitening', 'Whitening'],
  ['static', 'Static'],
  ['dynamic', 'Dynamic'],
  ['control', 'Control'],
]

/** What the window shows, one sentence for each term. */
export function Help({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog title="What the window shows" wide onClose={onClose}>
      <p className={css['lead']}>
        An activation atlas is a map of what a layer of the network responds to: each icon represents many samples that
        the layer responds to alike, and neighbours on the map are alike (Carter et al., Activation Atlas, Distill
        2019). Hover over an icon to see its classes, click it to see its photographs.
      </p>
      <dl className={css['terms']}>
        {NAMES.map(([key, name]) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{TERMS[key]}</dd>
          </div>
        ))}
      </dl>
      <DialogFooter>
        <Button
          onClick={() => {
            onClose()
            startTour()
          }}
        >
          Tour of the demo
        </Button>
        <Button onClick={() => openDialog('shortcuts')}>Keyboard shortcuts</Button>
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
