import { useEffect } from 'react'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { CLASS_ATLAS_PANES } from '../state/class-atlas-form.ts'
import { change, useView } from '../state/view.ts'
import { isOf } from './plans.ts'

/**
 * Clears the selection of other views on entering, this view's on leaving, and that of other classes: their cell would stand in
 * the inspector beside the map of these.
 * @param classes shown now; null: none yet
 */
export function useOwnSelection(classAtlases: readonly ClassAtlas[], classes: readonly number[] | null): void {
  useEffect(() => {
    const { selection } = useView.getState()
    if (selection && selection.pane < CLASS_ATLAS_PANES) change({ selection: null })
    return () => {
      const left = useView.getState().selection
      if (left && left.pane >= CLASS_ATLAS_PANES) change({ selection: null })
    }
  }, [])
  const selection = useView(state => state.selection)
  useEffect(() => {
    if (isStale(selection?.cells[0]?.atlas, classAtlases, classes)) change({ selection: null })
  }, [selection, classAtlases, classes])
}

/** Whether a selected cell belongs to a class atlas or comparison of other classes than those shown. */
export function isStale(
  atlas: number | undefined,
  classAtlases: readonly ClassAtlas[],
  classes: readonly number[] | null,
): boolean {
  const own = classAtlases.find(({ id }) => id === atlas)
  return own !== undefined && (classes === null || !isOf(own, classes))
}
