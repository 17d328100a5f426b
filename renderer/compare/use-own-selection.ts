import { useEffect } from 'react'
import { PARTS } from '../state/scopes.ts'
import { change, useView } from '../state/view.ts'

/** What was selected in another view is not selected here, and the other way round. */
export function useOwnSelection(): void {
  useEffect(() => {
    const { selection } = useView.getState()
    if (selection && selection.pane < PARTS) change({ selection: null })
    return () => {
      const left = useView.getState().selection
      if (left && left.pane >= PARTS) change({ selection: null })
    }
  }, [])
}
