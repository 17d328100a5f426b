import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron'
import type { Bridge } from '../contract/bridge.ts'
import { channels, type Reply } from '../contract/channels.ts'

async function invoke(channel: string, name: string, input: unknown): Promise<unknown> {
  const reply: Reply = await ipcRenderer.invoke(channel, name, input)
  if (reply.ok) return reply.output
  throw new Error(reply.message)
}

// Electron before 30 has no webUtils, and there a page can forge the path of a file: dropped files have no path then,
// and are chosen in the dialog.
const pathOf = (file: File): string => (webUtils === undefined ? '' : webUtils.getPathForFile(file))

// The main process validates inputs and outputs: only types are added here.
const bridge: Bridge = {
  call: (name, input) => invoke(channels.call, name, input) as ReturnType<Bridge['call']> as never,
  shell: (name, input) => invoke(channels.shell, name, input) as ReturnType<Bridge['shell']> as never,
  on: (event, listener) => {
    const receive = (_: IpcRendererEvent, name: string, given: unknown): void => {
      if (name === event) listener(given as never)
    }
    ipcRenderer.on(channels.event, receive)
    ipcRenderer.send(channels.subscribe, event)
    return () => void ipcRenderer.removeListener(channels.event, receive)
  },
  pathOf: async file => {
    const path = pathOf(file)
    if (path !== '') await ipcRenderer.invoke(channels.chosen, path)
    return path
  },
}

contextBridge.exposeInMainWorld('portolan', bridge)
