import { z } from 'zod'
import type { Output } from '../../electron/contract/calls.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { restore, show, useView } from '../state/view.ts'
import { readView, writeView } from './saved-view.ts'

type SavedItem = Output<'saved.list'>[number]

/** Saves the current view under a name; an existing bookmark of that name is overwritten. */
export async function saveBookmark(name: string): Promise<void> {
  await call('saved.save', { kind: 'bookmark', name, value: z.json().parse(writeView(useView.getState())) })
}

/** Restores the view of a bookmark. */
export function showBookmark(bookmark: SavedItem): void {
  const view = readView(bookmark.value)
  if (view === undefined) {
    notify(`cannot show the bookmark “${bookmark.name}”: it was saved by another version of Portolan`, 'error')
    return
  }
  restore(view)
  show('atlas')
}
