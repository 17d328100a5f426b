import type { ReactNode } from 'react'
import { attempt } from '../state/notices.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { photographFromClipboard, photographFromFile } from './add-pictures.ts'
import { setPhotograph } from './lab.ts'
import { PhotographGrid } from './PhotographGrid.tsx'

/** Selects the photograph under the patches. */
export function PhotographDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const take = (work: () => Promise<void>) => (): void => {
    void attempt(work)
    onClose()
  }
  return (
    <Dialog title="Choose a photograph" wide onClose={onClose}>
      <PhotographGrid
        onPick={({ id }) => {
          setPhotograph(id)
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
