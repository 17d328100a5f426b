import type { ReactNode } from 'react'
import { attempt } from '../state/notices.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { putImage } from './lab.ts'
import { PhotographGrid } from './PhotographGrid.tsx'
import { photographFromClipboard, photographFromFile } from './pictures.ts'

/** Which photograph the patches are laid on. */
export function PhotographDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const take = (work: () => Promise<void>) => (): void => {
    void attempt(work)
    onClose()
  }
  return (
    <Dialog title="Choose a photograph" wide onClose={onClose}>
      <PhotographGrid
        onPick={({ id }) => {
          putImage(id)
          onClose()
        }}
      />
      <DialogFooter>
        <Button onClick={take(photographFromFile)}>From a file</Button>
        <Button onClick={take(photographFromClipboard)}>From the clipboard</Button>
        <Button onClick={onClose}>Cancel</Button>
      </DialogFooter>
    </Dialog>
  )
}
