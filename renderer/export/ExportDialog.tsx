import { type ReactNode, useMemo, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { useShownPanes } from '../atlas/use-linked-cells.ts'
import { notify } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import type { Theme } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Button, Segments } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import panel from '../ui/panel.module.css'
import { count, number } from '../ui/text.ts'
import { cellsCsv, saveText } from './cells-csv.ts'
import { cropped } from './crop.ts'
import css from './export.module.css'
import { shownPanes } from './panes.ts'
import { type FigureOptions, saveFigure, scaleOf } from './save.ts'

/** A page of A4 with margins, at the resolution that journals ask for. */
const PRINT = { millimetres: 180, dpi: 300 }

/** Exports the view as a figure: every pane as shown, with a caption; and its cells as CSV. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { atlases, className } = useProject()
  const withLabels = useView(state => state.labels)
  const [format, setFormat] = useState<FigureOptions['format']>('png')
  const [theme, setTheme] = useState<Theme>('light')
  const [crop, setCrop] = useState(true)
  const [print, setPrint] = useState(PRINT)
  const [labels, setLabels] = useState(withLabels)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const shown = useShownPanes()
  // biome-ignore lint/correctness/useExhaustiveDependencies: an atlas may appear while the dialog is open
  const panes = useMemo(() => shownPanes(atlases, className, labels), [atlases, className, labels, shown])
  const parts = useMemo(() => cropped(panes, crop), [panes, crop])
  const size = useCall('figure.size', parts.length > 0 ? { panes: parts.map(p => p.pane) } : null).data
  const options: FigureOptions = { format, theme, crop, ...print }
  const sizeText = (width: number, height: number): string => {
    if (format === 'svg')
      return `${number(Math.round(width))} × ${number(Math.round(height))} pixels; letters are outlines, maps are embedded images`
    const scale = scaleOf(print, width)
    const pixels = `${number(Math.round(width * scale))} × ${number(Math.round(height * scale))} pixels`
    return `${pixels}, ${number(print.millimetres)} × ${number(Math.round((print.millimetres * height) / width))} mm`
  }
  const attempted = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      await work()
    } catch (error) {
      setProblem(reason(error))
    } finally {
      setBusy(false)
    }
  }
  const name = panes.map(p => p.layer).join('-')
  const save = async (): Promise<void> => {
    const saved = await saveFigure(panes, options, name)
    if (saved === null) return
    notify(`Exported the view to ${saved.file}.`)
    if (saved.unset !== null) notify(saved.unset, 'warning')
    onClose()
  }
  const { panes: all, active } = useView()
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
    <Dialog title="Export the view" onClose={onClose}>
      {panes.length === 0 ? (
        <p className={panel['note']}>
          No map is shown here. Maps are exported from Atlas, Class atlas and Comparison; compositions, trials and their
          figures from the Patch lab.
        </p>
      ) : (
        <div className={css['choices']}>
          <div className={css['row']}>
            <Segments
              label="Format"
              value={format}
              options={[
                ['png', 'PNG'],
                ['svg', 'SVG'],
              ]}
              onChange={setFormat}
            />
            <Segments
              label="Background"
              value={theme}
              options={[
                ['light', 'White', 'For papers'],
                ['dark', 'Dark', 'As in the window'],
              ]}
              onChange={setTheme}
            />
          </div>
          <div className={css['row']}>
            <label>
              <input type="checkbox" checked={labels} onChange={e => setLabels(e.target.checked)} /> Labels
            </label>
            <label>
              <input type="checkbox" checked={crop} onChange={e => setCrop(e.target.checked)} /> Crop to the cells
            </label>
          </div>
          {format === 'png' && (
            <div className={css['row']}>
              <NumberField
                label="Width, mm"
                value={print.millimetres}
                min={20}
                max={1000}
                floor={1}
                onChange={millimetres => setPrint({ ...print, millimetres })}
              />
              <NumberField
                label="Resolution, dpi"
                value={print.dpi}
                min={72}
                max={1200}
                floor={30}
                onChange={dpi => setPrint({ ...print, dpi })}
              />
            </div>
          )}
          <p className={panel['note']}>{size && sizeText(size.width, size.height)}</p>
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
        <p role="alert" className={css['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        {own !== undefined && panes.length > 0 && (
          <Button disabled={busy} onClick={() => void attempted(saveCells)}>
            Cells as CSV
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || panes.length === 0} onClick={() => void attempted(save)}>
          {busy ? 'Exporting…' : 'Save'}
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
