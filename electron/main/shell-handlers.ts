import { app, BrowserWindow, dialog, type OpenDialogOptions, type WebContents } from 'electron'
import { UserError } from '../contract/errors.ts'
import type { ShellCallName, ShellInput, ShellOutput } from '../contract/shell.ts'
import { BOUNDS } from '../engine/bounds/bounds.ts'
import { requireSeparate, writeOutput } from '../engine/files/output.ts'
import { queueAddress } from '../engine/queue/address.ts'
import { ChosenQueue } from '../engine/queue/chosen.ts'
import type { AppState } from './app-state.ts'
import { readPicture, writePicture, writeText } from './clipboard.ts'
import type { EngineProcess } from './engine/engine-process.ts'
import type { Grants } from './grants.ts'
import type { Windows } from './window/windows.ts'

export type ShellHandlers = {
  readonly [N in ShellCallName]: (given: ShellInput<N>, from: WebContents) => Promise<ShellOutput<N>>
}

export const PROJECT_FILTER = { name: 'Portolan project', extensions: ['portolan'] }

const OPEN_DIALOGS: Readonly<Record<ShellInput<'dialog.open'>['kind'], OpenDialogOptions>> = {
  project: { title: 'Open project', properties: ['openFile'], filters: [PROJECT_FILTER] },
  photographs: {
    title: 'Choose photographs',
    properties: ['openFile', 'multiSelections'],
    filters: [
      {
        name: 'Photographs',
        extensions: ['jpg', 'jpeg', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif', 'heic', 'bmp'].flatMap(each => [
          each,
          each.toUpperCase(),
        ]),
      },
    ],
  },
  'photograph-folder': { title: 'Choose a folder of photographs', properties: ['openDirectory'] },
  model: {
    title: 'Choose a model',
    properties: ['openFile'],
    filters: [{ name: 'ONNX model', extensions: ['onnx'] }],
  },
  labels: {
    title: 'Choose a label file, a class in each line',
    properties: ['openFile'],
    filters: [{ name: 'Text', extensions: ['txt', 'csv', 'names'] }],
  },
}

const SAVE_FILTERS: Readonly<
  Record<ShellInput<'dialog.save'>['kind'], { readonly name: string; readonly extensions: string[] } | null>
> = {
  project: PROJECT_FILTER,
  png: { name: 'PNG image', extensions: ['png'] },
  svg: { name: 'SVG image', extensions: ['svg'] },
  pdf: { name: 'PDF', extensions: ['pdf'] },
  json: { name: 'JSON', extensions: ['json'] },
  csv: { name: 'Comma-separated values', extensions: ['csv'] },
  // A folder.
  page: null,
}

export function shellHandlers(
  grants: Grants,
  appState: AppState,
  windows: Windows,
  engine: EngineProcess,
): ShellHandlers {
  return {
    'dialog.open': async ({ kind }, from) => {
      const window = BrowserWindow.fromWebContents(from)
      if (window === null) return []
      const { canceled, filePaths } = await dialog.showOpenDialog(window, OPEN_DIALOGS[kind])
      if (canceled) return []
      grants.add(...filePaths)
      return filePaths
    },
    'dialog.save': async ({ kind, suggested }, from) => {
      const window = BrowserWindow.fromWebContents(from)
      if (window === null) return null
      const filter = SAVE_FILTERS[kind]
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        defaultPath: suggested,
        ...(filter === null ? { buttonLabel: 'Publish' } : { filters: [filter] }),
      })
      if (canceled || !filePath) return null
      // GTK's dialog does not add the extension.
      const file =
        filter === null || filePath.toLowerCase().endsWith(`.${filter.extensions[0]}`)
          ? filePath
          : `${filePath}.${filter.extensions[0]}`
      grants.addOutput(file)
      return file
    },
    'file.write': async ({ file, bytes }) => {
      // A project file must not be overwritten, even if its path was chosen once.
      await requireSeparate(
        [file],
        appState.recent.map(each => each.file),
      )
      await writeOutput(file, bytes)
      return {}
    },
    'app.recent': async () => appState.recent,
    'app.forget': async ({ file }) => {
      appState.forgetProject(file)
      return {}
    },
    'app.initial': async (_, from) => ({ file: windows.fileOf(from.id) }),
    'app.info': async () => ({
      version: app.getVersion(),
      electron: process.versions.electron,
      node: process.versions.node,
      platform: process.platform,
    }),
    'engine.restart': async () => {
      engine.restart()
      return {}
    },
    'queue.choose': async ({ url }, from) => {
      const window = BrowserWindow.fromWebContents(from)
      if (window === null) return { chosen: false }
      if (url !== null) {
        const { shown, open } = queueAddress(url)
        const { response } = await dialog.showMessageBox(window, {
          type: 'question',
          message: `Divide jobs among the workers of ${shown}?`,
          detail: `Models, and the photographs of builds and experiments, are sent there${open ? ', unencrypted' : ''}. What its workers compute becomes part of your projects.`,
          buttons: ['Use This Queue', 'Cancel'],
          defaultId: 1,
          cancelId: 1,
        })
        if (response !== 0) return { chosen: false }
      }
      new ChosenQueue(app.getPath('userData')).choose(url)
      return { chosen: true }
    },
    'window.title': async ({ title }, from) => {
      windows.setTitle(from.id, title)
      return {}
    },
    'window.new': async () => {
      if (windows.clients().length >= BOUNDS.windows)
        throw new UserError(`there are ${BOUNDS.windows} windows already; close one of them first`)
      windows.create(null)
      return {}
    },
    'clipboard.text': async ({ text }) => {
      await writeText(text)
      return {}
    },
    'clipboard.image': async ({ png }) => {
      await writePicture(png)
      return {}
    },
    'clipboard.readImage': async () => {
      const png = await readPicture()
      return png === null ? null : { png }
    },
  }
}
