import { useEffect } from 'react'
import { change, useView } from '../state/view.ts'

/** Panes of the atlas view have smaller names. */
const OURS = 100

/** What was selected in another view is not selected here, and the other way round. */
export function useOwnSelection(): void {
  useEffect(() => {
    const { selection } = useView.getState()
    if (selection && selection.pane < OURS) change({ selection: null })
    return () => {
      const left = useView.getState().selection
      if (left && left.pane >= OURS) change({ selection: null })
    }
  }, [])
}
