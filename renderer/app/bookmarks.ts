import { z } from 'zod'
import type { Output } from '../../electron/contract/calls.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { restore, show, useView } from '../state/view.ts'
import { readView, writeView } from './keep-view.ts'

type Keepsake = Output<'keepsakes.list'>[number]

/** Keep what the window shows under a name; a name that is there already is overwritten. */
export async function keepBookmark(name: string): Promise<void> {
  await call('keepsakes.save', { kind: 'bookmark', name, value: z.json().parse(writeView(useView.getState())) })
}

/** Show what a bookmark kept. */
export function showBookmark(bookmark: Keepsake): void {
  const view = readView(bookmark.value)
  if (view === undefined) {
    notify(`cannot show the bookmark “${bookmark.name}”: another version of Portolan wrote it`, 'error')
    return
  }
  restore(view)
  show('atlas')
}
