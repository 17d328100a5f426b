import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron'
import type { Bridge } from '../contract/bridge.ts'
import { channels, type Reply } from '../contract/channels.ts'

const ask = async (channel: string, name: string, input: unknown): Promise<unknown> => {
  const reply: Reply = await ipcRenderer.invoke(channel, name, input)
  if (reply.ok) return reply.output
  throw new Error(reply.message)
}

// Electron before 30 has no webUtils. There a file carries its path itself, and so does anything that the page makes up:
// what is dropped has no path then, and is chosen in the dialog.
const pathOf = (file: File): string => (webUtils === undefined ? '' : webUtils.getPathForFile(file))

// Main has checked inputs and answers against the table: types are all that's left to say here.
const bridge: Bridge = {
  call: (name, input) => ask(channels.call, name, input) as ReturnType<Bridge['call']> as never,
  shell: (name, input) => ask(channels.shell, name, input) as ReturnType<Bridge['shell']> as never,
  on: (event, listener) => {
    const heard = (_: IpcRendererEvent, name: string, given: unknown): void => {
      if (name === event) listener(given as never)
    }
    ipcRenderer.on(channels.event, heard)
    ipcRenderer.send(channels.subscribe, event)
    return () => void ipcRenderer.removeListener(channels.event, heard)
  },
  pathOf: async file => {
    const path = pathOf(file)
    if (path !== '') await ipcRenderer.invoke(channels.chosen, path)
    return path
  },
}

contextBridge.exposeInMainWorld('portolan', bridge)
