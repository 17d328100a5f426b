import { type ComponentType, type ReactNode, useEffect, useState } from 'react'
import type { ProjectSummary } from '../../electron/contract/project.ts'
import { ExportDialog } from '../export/ExportDialog.tsx'
import { keepImage } from '../image/saved-image.ts'
import { PhotographDialog } from '../inspector/PhotographDialog.tsx'
import { keepLab } from '../patch/saved-lab.ts'
import { PublishDialog } from '../publish/PublishDialog.tsx'
import { closeDialog, type DialogId, useDialog } from '../state/dialogs.ts'
import { ProjectContext } from '../state/project.ts'
import { useProjectData } from '../state/project-data.ts'
import { on } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { TourPanel } from '../tour/TourPanel.tsx'
import css from './app.module.css'
import { Bookmarks } from './Bookmarks.tsx'
import { runCommand } from './commands.ts'
import { Help } from './Help.tsx'
import { NewAtlas } from './NewAtlas.tsx'
import { NoteDialog } from './NoteDialog.tsx'
import { Palette } from './Palette.tsx'
import { RemoveAtlas } from './RemoveAtlas.tsx'
import { Settings } from './Settings.tsx'
import { Shortcuts } from './Shortcuts.tsx'
import { autosaveView, loadView } from './saved-view.ts'
import { TopBar } from './TopBar.tsx'
import { useKeys } from './use-keys.ts'
import { VIEWS } from './views.tsx'

const DIALOGS: Readonly<Record<DialogId, ComponentType<{ readonly onClose: () => void }>>> = {
  palette: Palette,
  'new-atlas': NewAtlas,
  settings: Settings,
  shortcuts: Shortcuts,
  bookmark: Bookmarks,
  note: NoteDialog,
  help: Help,
  export: ExportDialog,
  publish: PublishDialog,
  'remove-atlas': RemoveAtlas,
}

/** A project: the top bar, the current view and the open dialog. */
export function ProjectWindow({
  summary,
  over,
}: {
  readonly summary: ProjectSummary
  /** Files are being dragged over the window. */
  readonly over: boolean
}): ReactNode {
  const project = useProjectData(summary, null)
  const restored = useRestoredView(summary.name)
  const section = useView(state => state.section)
  const dialog = useDialog(state => state.open)
  useKeys()
  useEffect(() => keepLab(summary.key), [summary.key])
  useEffect(() => keepImage(summary.key), [summary.key])
  useEffect(() => on('menu.command', ({ command }) => runCommand(command)), [])
  const { Component } = VIEWS[section]
  const Open = dialog && DIALOGS[dialog]
  return (
    <ProjectContext value={project}>
      <div className={css['app']}>
        <TopBar />
        <main className={css['main']}>{restored && <Component />}</main>
        {/* The patch lab has drop targets of its own, which this would hide. */}
        {over && section !== 'patch' && <p className={css['over']}>Drop photographs, folders, models or a project</p>}
        <PhotographDialog />
        {restored && <TourPanel />}
        {Open && <Open onClose={closeDialog} />}
      </div>
    </ProjectContext>
  )
}

/** Restores the last view and saves every later one. @returns whether it has been restored */
function useRestoredView(name: string): boolean {
  const [restored, setRestored] = useState(false)
  useEffect(() => {
    let end = (): void => {}
    let unmounted = false
    void loadView().finally(() => {
      if (unmounted) return
      setRestored(true)
      end = autosaveView()
    })
    void window.portolan.shell('window.title', { title: name })
    return () => {
      unmounted = true
      end()
    }
  }, [name])
  return restored
}
