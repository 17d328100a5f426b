import { useEffect } from 'react'
import { CLASS_ATLAS_PANES } from '../state/class-atlas-form.ts'
import { change, useView } from '../state/view.ts'

/** Clears the selection of other views on entering, and this view's on leaving. */
export function useOwnSelection(): void {
  useEffect(() => {
    const { selection } = useView.getState()
    if (selection && selection.pane < CLASS_ATLAS_PANES) change({ selection: null })
    return () => {
      const left = useView.getState().selection
      if (left && left.pane >= CLASS_ATLAS_PANES) change({ selection: null })
    }
  }, [])
}
