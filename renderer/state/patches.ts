import { create } from 'zustand'
import type { CellRef } from '../../electron/contract/values.ts'
import { notify } from './notices.ts'
import { call, client } from './queries.ts'
import { show } from './view.ts'

/** The patch that the patch lab is asked to try next: it takes it and sets null again. */
export const usePatchWish = create<{ readonly patch: number | null }>(() => ({ patch: null }))

/**
 * Makes the icon of a cell a patch of the gallery, and the next one to try: in the lab, which is shown.
 * @throws Error where the cell's icon is not finished
 */
export async function patchFromCell(cell: CellRef): Promise<void> {
  const { icon } = await call('cell.detail', { ...cell, classes: 1, nearest: 0 })
  if (icon === null)
    throw new Error(`cannot make a patch of row ${cell.i}, column ${cell.j}: its icon is still to come; try again then`)
  const patch = await call('patch.add', { kind: 'icon', icon })
  usePatchWish.setState({ patch: patch.id })
  await client.invalidateQueries({ queryKey: ['patch.list'] })
  notify(`“${patch.name}” is in the gallery of patches now.`)
  show('patch')
}
