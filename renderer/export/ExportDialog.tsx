import { type ReactNode, useMemo, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { useShownPanes } from '../atlas/use-linked-cells.ts'
import { notify } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { Button, Segments } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'
import css from './export.module.css'
import { shownPanes } from './panes.ts'
import { type Format, SCALE, saveFigure } from './save.ts'

/** Exports the view as a figure: every pane as shown, with a caption. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { atlases, className } = useProject()
  const withLabels = useView(state => state.labels)
  const [format, setFormat] = useState<Format>('png-2')
  const [labels, setLabels] = useState(withLabels)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const shown = useShownPanes()
  // biome-ignore lint/correctness/useExhaustiveDependencies: an atlas may appear while the dialog is open
  const panes = useMemo(() => shownPanes(atlases, className, labels), [atlases, className, labels, shown])
  const size = useCall('figure.size', panes.length > 0 ? { panes: panes.map(p => p.pane) } : null).data
  const pixels = (edge: number): string => number(Math.round(edge * (format === 'svg' ? 1 : SCALE[format])))
  const save = async (): Promise<void> => {
    setBusy(true)
    setProblem('')
    try {
      const saved = await saveFigure(panes, format, panes.map(p => p.layer).join('-'))
      if (saved !== null) {
        notify(`Exported the view to ${saved.file}.`)
        if (saved.unset !== null) notify(saved.unset, 'warning')
        onClose()
      }
    } catch (error) {
      setProblem(reason(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title="Export the view" onClose={onClose}>
      {panes.length === 0 ? (
        <p className={panel['note']}>No atlas is shown. Open an atlas, a class atlas or a comparison first.</p>
      ) : (
        <div className={css['choices']}>
          <Segments
            label="Format"
            value={format}
            options={[
              ['png-2', 'PNG, 2×'],
              ['png-4', 'PNG, 4×'],
              ['svg', 'SVG'],
            ]}
            onChange={setFormat}
          />
          <label>
            <input type="checkbox" checked={labels} onChange={e => setLabels(e.target.checked)} /> Labels
          </label>
          <p className={panel['note']}>
            {size &&
              `${pixels(size.width)} × ${pixels(size.height)} pixels${format === 'svg' ? '; letters are outlines, maps are embedded images' : ''}`}
          </p>
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
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || panes.length === 0} onClick={() => void save()}>
          {busy ? 'Exporting…' : 'Save'}
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
