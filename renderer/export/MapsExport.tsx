import { type ReactNode, useMemo, useState } from 'react'
import { pngScale } from '../../electron/contract/figure.ts'
import { useShownPanes } from '../atlas/use-linked-cells.ts'
import { notify } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import type { Theme } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Button, Segments } from '../ui/controls.tsx'
import { DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import { useBusy } from '../ui/use-busy.ts'
import { cellsCsv, saveText } from './cells-csv.ts'
import { cropped } from './crop.ts'
import css from './export.module.css'
import { FormatFields, PRINT, sizeText } from './FormatFields.tsx'
import { shownPanes } from './panes.ts'
import { drawFigure, saveFigure } from './save.ts'

/** Exports maps as a figure: every pane as shown, with a caption; and the cells of the active one as CSV. */
export function MapsExport({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { atlases, className } = useProject()
  const withLabels = useView(state => state.labels)
  const [theme, setTheme] = useState<Theme>('light')
  const [crop, setCrop] = useState(true)
  const [print, setPrint] = useState(PRINT)
  const [labels, setLabels] = useState(withLabels)
  const { busy, problem, run } = useBusy()
  const shown = useShownPanes()
  // biome-ignore lint/correctness/useExhaustiveDependencies: an atlas may appear while the dialog is open
  const panes = useMemo(() => shownPanes(atlases, className, labels), [atlases, className, labels, shown])
  const parts = useMemo(() => cropped(panes, crop), [panes, crop])
  const size = useCall('figure.size', parts.length > 0 ? { panes: parts.map(p => p.pane) } : null).data
  const { panes: all, active } = useView()
  const name = panes.map(p => p.layer).join('-')
  const draw = async (): Promise<void> => {
    const saved = await saveFigure(print.format, name, () => drawFigure(panes, { ...print, theme, crop }))
    if (saved) onClose()
  }
  const own = shown[active]
  const saveCells = async (): Promise<void> => {
    if (own === undefined) return
    const { cells } = own.index
    const classes = all.find(p => p.id === active)?.filter.classes ?? []
    const attributions = (own.look?.classes ?? []).map((one, k) => ({
      name: className(classes[k]!),
      values: one.values,
    }))
    const file = await saveText(`${name}.csv`, cellsCsv({ cells, grid: cells.grid, labels: own.labels, attributions }))
    if (file !== null) notify(`Exported ${count(cells.i.length, 'cell')} to ${file}.`)
  }
  return (
    <>
      {panes.length === 0 ? (
        <p className={panel['note']}>
          Nothing to export is shown here. Maps, photographs, compositions, sweeps, experiments and suggestions are
          exported from their views.
        </p>
      ) : (
        <div className={css['choices']}>
          <FormatFields print={print} raster onChange={setPrint} />
          <Segments
            label="Background"
            value={theme}
            options={[
              ['light', 'White', 'For papers'],
              ['dark', 'Dark', 'As in the window'],
            ]}
            onChange={setTheme}
          />
          <div className={css['row']}>
            <label>
              <input type="checkbox" checked={labels} onChange={e => setLabels(e.target.checked)} /> Labels
            </label>
            <label>
              <input type="checkbox" checked={crop} onChange={e => setCrop(e.target.checked)} /> Crop to the cells
            </label>
          </div>
          <p className={panel['note']}>{size && sizeText(print, size, pngScale(print, size.width))}</p>
          <div>
            <h3 className={panel['label']}>Caption</h3>
            {panes.map(({ pane }, k) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the k-th pane is the k-th pane
              <p key={k}>{pane.caption}</p>
            ))}
          </div>
        </div>
      )}
      {problem && (
        <p role="alert" className={panel['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        {own !== undefined && panes.length > 0 && (
          <Button disabled={busy} onClick={() => run(saveCells)}>
            Cells as CSV
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || panes.length === 0} onClick={() => run(draw)}>
          {busy ? 'Exporting…' : 'Save'}
        </Button>
      </DialogFooter>
    </>
  )
}
