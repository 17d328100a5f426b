import { Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { CellRef } from '../../electron/contract/values.ts'
import { openDialog } from '../state/dialogs.ts'
import { removeNote, useNotes } from '../state/notes.ts'
import { attempt } from '../state/notices.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'

/** The notes on a cell. */
export function Notes({ cell }: { readonly cell: CellRef }): ReactNode {
  const notes = useNotes().filter(n =>
    n.cells.some(c => c.atlas === cell.atlas && c.grid === cell.grid && c.i === cell.i && c.j === cell.j),
  )
  return (
    <section className={panel['section']} aria-label="Notes">
      <div className={panel['between']}>
        <h3 className={panel['label']}>Notes</h3>
        <Button onClick={() => openDialog('note')}>Add a note</Button>
      </div>
      {notes.map(note => (
        <div key={note.name} className={panel['noteText']}>
          <p>{note.text}</p>
          <div className={panel['between']}>
            <small>{`${count(note.cells.length, 'cell')}, ${new Date(note.updated).toLocaleDateString('en-GB')}`}</small>
            <IconButton label="Remove note" onClick={() => void attempt(() => removeNote(note.name))}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </div>
        </div>
      ))}
    </section>
  )
}
