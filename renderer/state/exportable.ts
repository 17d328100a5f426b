import { useEffect } from 'react'
import { create } from 'zustand'
import type { ViewFigure } from '../../electron/contract/view-figure.ts'

/** What the view on the screen exports as a figure, if it is not maps. */
export interface Exportable {
  /** Suggested name of the file, without its extension. */
  readonly name: string
  readonly figure: ViewFigure
  /** Also exported, as files of their own. @returns the file; null if the user cancelled */
  readonly tables: readonly { readonly label: string; readonly save: () => Promise<string | null> }[]
}

export const useShownExportable = create<{ readonly shown: Exportable | null }>(() => ({ shown: null }))

/** Offers the figure of a view in the export dialog while the view is mounted. */
export function useExportable(exportable: Exportable | null): void {
  // The newest one on every rendering, so that it may be made in place.
  useEffect(() => useShownExportable.setState({ shown: exportable }))
  useEffect(() => () => useShownExportable.setState({ shown: null }), [])
}
