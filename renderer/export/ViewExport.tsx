import { type ReactNode, useState } from 'react'
import { pngScale } from '../../electron/contract/figure.ts'
import type { Exportable } from '../state/exportable.ts'
import { notify } from '../state/notices.ts'
import { call, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import { DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import { useBusy } from '../ui/use-busy.ts'
import css from './export.module.css'
import { FormatFields, PRINT, sizeText } from './FormatFields.tsx'
import { saveFigure } from './save.ts'

/** Exports the figure of a view without maps, and its values. */
export function ViewExport({
  exportable: { name, figure, tables },
  onClose,
}: {
  readonly exportable: Exportable
  readonly onClose: () => void
}): ReactNode {
  const [print, setPrint] = useState(PRINT)
  const { busy, problem, run } = useBusy()
  const size = useCall('view.size', { figure })
  const draw = async (): Promise<void> => {
    const saved = await saveFigure(print.format, name, () => call('view.draw', { figure, ...print }))
    if (saved) onClose()
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
        <p role="alert" className={panel['problem']}>
          {problem || size.error?.message}
        </p>
      )}
      <DialogFooter>
        {tables.map(({ label, save }) => (
          <Button
            key={label}
            disabled={busy}
            onClick={() =>
              run(async () => {
                const file = await save()
                if (file !== null) notify(`Exported ${file}.`)
              })
            }
          >
            {label}
          </Button>
        ))}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || size.data === undefined} onClick={() => run(draw)}>
          {busy ? 'Exporting…' : 'Save'}
        </Button>
      </DialogFooter>
    </>
  )
}
