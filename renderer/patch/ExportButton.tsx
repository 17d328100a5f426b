import { Download } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Composition } from '../../electron/contract/placement.ts'
import { stemOf, valuesOf } from '../export/tables.ts'
import { openDialog } from '../state/dialogs.ts'
import { useExportable } from '../state/exportable.ts'
import { attempt, notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { baseName, bytes } from '../ui/text.ts'
import { useLab } from './lab.ts'
import css from './patch.module.css'

interface ExportProps {
  readonly model: string
  readonly composition: Composition
  /** File name of the photograph. */
  readonly name: string
}

/** Exports the composition: as a figure, or as a PNG of the classified pixels or at the photograph's resolution. */
export function ExportButton({ model, composition, name }: ExportProps): ReactNode {
  const { source, target } = useLab()
  const figure = { kind: 'composition', model, composition, source, target } as const
  const title = stemOf(`${baseName(name)} before and after`)
  useExportable({ name: title, figure, tables: [valuesOf(title, figure)] })
  const save = async (resolution: 'input' | 'full'): Promise<void> => {
    const stem = baseName(name) || 'photograph'
    const file = await window.portolan.shell('dialog.save', { kind: 'png', suggested: `${stem}-patched.png` })
    if (file === null) return
    const exported = await call('patch.export', { model, composition, resolution, file })
    notify(`Exported ${file}, ${bytes(exported.bytes)}.`)
  }
  return (
    <details className={css['menu']}>
      <summary>
        <Download size={16} aria-hidden /> Export
      </summary>
      <div>
        <button type="button" onClick={() => openDialog('export')}>
          Figure, before and after
        </button>
        <button type="button" onClick={() => void attempt(() => save('input'))}>
          As classified
        </button>
        <button type="button" onClick={() => void attempt(() => save('full'))}>
          At the photograph’s resolution
        </button>
      </div>
    </details>
  )
}
