import type { ReactNode } from 'react'
import { useShownExportable } from '../state/exportable.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { MapsExport } from './MapsExport.tsx'
import { ViewExport } from './ViewExport.tsx'

/** Exports what the view shows as a figure, and as CSV. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { shown } = useShownExportable()
  return (
    <Dialog title="Export the view" onClose={onClose}>
      {shown === null ? <MapsExport onClose={onClose} /> : <ViewExport exportable={shown} onClose={onClose} />}
    </Dialog>
  )
}
