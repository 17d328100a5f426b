import { type FormEvent, type ReactNode, useState } from 'react'
import { saveNote } from '../state/notes.ts'
import { attempt } from '../state/notices.ts'
import { useView } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import css from './app.module.css'

/** Adds a note to the selected cells. */
export function NoteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const cells = useView(state => state.selection?.cells ?? null)
  const [text, setText] = useState('')
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (cells) void attempt(() => saveNote(cells, text.trim())).then(onClose)
  }
  return (
    <Dialog title="Add a note" onClose={onClose}>
      <form onSubmit={save}>
        {cells ? (
          <label className={css['writing']}>
            {`Note on ${count(cells.length, 'selected cell')}`}
            <textarea rows={5} maxLength={4000} value={text} onChange={e => setText(e.target.value)} />
          </label>
        ) : (
          <p className={panel['note']}>Select the cells to annotate first.</p>
        )}
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!cells || text.trim() === ''}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  )
}
