import { type ReactNode, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { useProject } from '../state/project.ts'
import { call, client } from '../state/queries.ts'
import { changePane, select, useView } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'

/** Confirms the removal of an atlas: its icons, which took the time, are deleted with it. */
export function RemoveAtlas({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { atlases } = useProject()
  const pane = useView(state => state.panes.find(p => p.id === state.active))
  const atlas = atlases.find(a => a.id === pane?.atlas) ?? atlases[0]
  const [problem, setProblem] = useState('')
  const icons = atlas?.grids.reduce((sum, g) => sum + g.finished, 0) ?? 0
  const remove = async (): Promise<void> => {
    if (!atlas || !pane) return
    try {
      await call('atlas.remove', { atlas: atlas.id })
      select(null)
      changePane(pane.id, { atlas: null, grid: 'auto' })
      await client.invalidateQueries({ queryKey: ['atlas.list'] })
      onClose()
    } catch (error) {
      setProblem(reason(error))
    }
  }
  return (
    <Dialog title={atlas ? `Remove ${atlas.layer} · ${atlas.name}?` : 'Remove an atlas'} onClose={onClose}>
      <p className={panel['note']}>
        {atlas
          ? `This deletes its ${count(icons, 'icon')}, except those that another atlas uses. Samples, photographs and other atlases are kept.`
          : 'There is no atlas to remove.'}
      </p>
      {problem && (
        <p role="alert" className={panel['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={!atlas} onClick={() => void remove()}>
          Remove
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
