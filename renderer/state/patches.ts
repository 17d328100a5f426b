import { create } from 'zustand'
import type { CellRef } from '../../electron/contract/values.ts'
import { notify } from './notices.ts'
import { call, client } from './queries.ts'
import { show } from './view.ts'

/** A patch to place in the patch lab, which sets it to null when done. */
export const usePendingPatch = create<{ readonly patch: number | null }>(() => ({ patch: null }))

/**
 * Adds the icon of a cell to the patch gallery and opens it in the patch lab.
 * @throws Error if the cell's icon is not finished
 */
export async function patchFromCell(cell: CellRef): Promise<void> {
  const { icon } = await call('cell.detail', { ...cell, classes: 1, nearest: 0 })
  if (icon === null)
    throw new Error(
      `cannot make a patch of row ${cell.i}, column ${cell.j}: its icon is not rendered yet; try again later`,
    )
  const patch = await call('patch.add', { kind: 'icon', icon })
  usePendingPatch.setState({ patch: patch.id })
  await client.invalidateQueries({ queryKey: ['patch.list'] })
  notify(`Added “${patch.name}” to the patch gallery.`)
  show('patch')
}
