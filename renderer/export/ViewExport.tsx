import { type ReactNode, useState } from 'react'
import { pngScale } from '../../electron/contract/figure.ts'
import type { Exportable } from '../state/exportable.ts'
import { notify } from '../state/notices.ts'
import { call, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import { DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import css from './export.module.css'
import { FormatFields, PRINT, sizeText } from './FormatFields.tsx'
import { saveFigure } from './save.ts'
import { useSaving } from './use-saving.ts'

/** Exports the figure of a view without maps, and its values. */
export function ViewExport({
  exportable: { name, figure, tables },
  onClose,
}: {
  readonly exportable: Exportable
  readonly onClose: () => void
}): ReactNode {
  const [print, setPrint] = useState(PRINT)
  const { busy, problem, save } = useSaving()
  const size = useCall('view.size', { figure })
  const draw = async (): Promise<void> => {
    const saved = await saveFigure(print.format, name, () => call('view.draw', { figure, ...print }))
    if (saved === null) return
    notify(`Exported the view to ${saved.file}.`)
    if (saved.unset !== null) notify(saved.unset, 'warning')
    onClose()
  }
  return (
    <>
      <div className={css['choices']}>
        <FormatFields print={print} raster={false} onChange={setPrint} />
        <p className={panel['note']} role="status">
          {size.data ? sizeText(print, size.data, pngScale(print, size.data.width)) : size.error ? '' : 'Measuring…'}
        </p>
      </div>
      {(problem || size.error) && (
        <p role="alert" className={css['problem']}>
          {problem || size.error?.message}
        </p>
      )}
      <DialogFooter>
        {tables.map(({ label, save: saveTable }) => (
          <Button
            key={label}
            disabled={busy}
            onClick={() =>
              save(async () => {
                const file = await saveTable()
                if (file !== null) notify(`Exported ${file}.`)
              })
            }
          >
            {label}
          </Button>
        ))}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || size.data === undefined} onClick={() => save(draw)}>
          {busy ? 'Exporting…' : 'Save'}
        </Button>
      </DialogFooter>
    </>
  )
}
