import { create } from 'zustand'
import { useView } from '../state/view.ts'

export type PageSection = 'atlas' | 'class' | 'compare' | 'about'

/** The section of the page that is shown. */
export const usePage = create<{ readonly section: PageSection }>(() => ({ section: 'atlas' }))

/** Links between views of the window lead to those of the page; and of several cells only one is inspected. */
export function followView(): () => void {
  return useView.subscribe(({ section, selection }, before) => {
    if (section !== before.section && (section === 'atlas' || section === 'class' || section === 'compare'))
      usePage.setState({ section })
    if (selection !== null && selection.cells.length > 1)
      useView.setState({ selection: { ...selection, cells: selection.cells.slice(0, 1) } })
  })
}

/** Shows a section; the views of the window know it by its name there. */
export function showSection(section: PageSection): void {
  usePage.setState({ section })
  if (section !== 'about') useView.setState({ section })
}
