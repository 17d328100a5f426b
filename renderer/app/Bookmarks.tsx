import { Bookmark, StickyNote, Trash2 } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { removeNote, useNotes } from '../state/notes.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { saveBookmark, showBookmark } from './bookmarks.ts'
import { goTo } from './navigation.ts'

/** The bookmarks and notes of the project; saves the current view under a name. */
export function Bookmarks({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { key, atlases } = useProject()
  const { panes } = useView()
  const layers = panes.map(p => (atlases.find(a => a.id === p.atlas) ?? atlases[0])?.layer).filter(Boolean)
  const [name, setName] = useState(layers.join(', '))
  const { data: bookmarks = [] } = useCall('saved.list', { kind: 'bookmark' })
  const notes = useNotes()
  const exists = bookmarks.some(b => b.name === name.trim())
  const save = (event: FormEvent): void => {
    event.preventDefault()
    void attempt(() => saveBookmark(name.trim())).then(onClose)
  }
  return (
    <Dialog title="Bookmarks and notes" onClose={onClose}>
      <form className={css['save']} onSubmit={save}>
        <label>
          View name
          <input className={ui['input']} value={name} maxLength={120} onChange={e => setName(e.target.value)} />
        </label>
        <Button type="submit" look="primary" disabled={name.trim() === ''}>
          {exists ? 'Overwrite' : 'Save'}
        </Button>
      </form>
      <ul className={css['saved']} aria-label="Bookmarks and notes">
        {bookmarks.map(b => (
          <li key={b.name}>
            <Bookmark size={14} aria-hidden />
            <button
              type="button"
              onClick={() => {
                showBookmark(b)
                onClose()
              }}
            >
              {b.name}
            </button>
            <IconButton
              label={`Remove bookmark ${b.name}`}
              onClick={() => void attempt(() => call('saved.remove', { kind: 'bookmark', name: b.name }))}
            >
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
        {notes.map(n => (
          <li key={n.name}>
            <StickyNote size={14} aria-hidden />
            <button
              type="button"
              onClick={() => {
                void attempt(() => goTo({ kind: 'cell', project: key, cell: n.cells[0]! }))
                onClose()
              }}
            >
              {`${atlases.find(a => a.id === n.cells[0]!.atlas)?.layer ?? 'removed atlas'}: ${n.text}`}
            </button>
            <IconButton label="Remove note" onClick={() => void attempt(() => removeNote(n.name))}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      {bookmarks.length + notes.length === 0 && (
        <p className={panel['note']}>No bookmarks or notes yet. A bookmark stores panes, filters and cameras.</p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
      </DialogFooter>
    </Dialog>
  )
}
