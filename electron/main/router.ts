import { type IpcMainInvokeEvent, ipcMain } from 'electron'
import { type Call, checked } from '../contract/call.ts'
import { calls, isCallName, type Output } from '../contract/calls.ts'
import { channels, type Reply } from '../contract/channels.ts'
import { UserError } from '../contract/errors.ts'
import { type EventName, type EventOf, events } from '../contract/events.ts'
import { isShellCallName, shellCalls } from '../contract/shell.ts'
import { visible } from '../contract/visible.ts'
import type { EngineEvent, EngineProcess } from './engine/engine-process.ts'
import type { Grants } from './grants.ts'
import { log } from './log.ts'
import { isOurPage } from './security.ts'
import type { ShellHandlers } from './shell-handlers.ts'
import type { Windows } from './window/windows.ts'

interface Router {
  readonly engine: EngineProcess
  readonly windows: Windows
  readonly grants: Grants
  readonly shell: ShellHandlers
  readonly onProject: (client: number, project: Output<'project.open'>) => void
}

/** Handles the calls of the windows: validates them against the contract and forwards them. */
export function route({ engine, windows, grants, shell, onProject }: Router): void {
  ipcMain.handle(channels.call, (event, name: unknown, input: unknown) =>
    replied(event, name, async () => {
      if (!isCallName(name)) throw refusal(name, 'there is no such call')
      const entry: Call = calls[name]
      const given = checkedInput(entry, name, input)
      grants.require(entry.paths(given))
      grants.requireOutputs(entry.outputs(given))
      const client = event.sender.id
      const output = checkedOutput(entry, name, await engine.call(client, name, given))
      if (name === 'project.open' || name === 'project.create' || name === 'project.demo')
        onProject(client, output as Output<'project.open'>)
      return output
    }),
  )
  ipcMain.handle(channels.shell, (event, name: unknown, input: unknown) =>
    replied(event, name, async () => {
      if (!isShellCallName(name)) throw refusal(name, 'there is no such call')
      const entry: Call = shellCalls[name]
      const given = checkedInput(entry, name, input)
      grants.require(entry.paths(given))
      grants.requireOutputs(entry.outputs(given))
      return checkedOutput(entry, name, await shell[name](given as never, event.sender))
    }),
  )
  // Sent by the preload script only: the path of a File that the user dropped or chose.
  ipcMain.handle(channels.chosen, (event, path: unknown) => {
    if (isOurPage(event.senderFrame) && typeof path === 'string') grants.add(path)
  })
  ipcMain.on(channels.subscribe, (event, name: unknown) => {
    if (isOurPage(event.senderFrame) && name === 'engine.state')
      windows.send(event.sender.id, 'engine.state', engine.state)
  })
}

/** Forwards an event of the engine to its windows. */
export function forward(windows: Windows, { clients, name, given }: EngineEvent): void {
  const parsed = isEventName(name) ? events[name].safeParse(given) : undefined
  if (parsed === undefined || !parsed.success) {
    log(`unknown event from the engine: ${name}`)
    return
  }
  for (const client of clients ?? windows.clients())
    windows.send(client, name as EventName, parsed.data as EventOf<EventName>)
}

const isEventName = (name: string): name is EventName => Object.hasOwn(events, name)

/** A page may send anything as a name, even an object that cannot become a string. */
const refusal = (name: unknown, why: string): UserError =>
  new UserError(`refused the call ${typeof name === 'string' ? name.slice(0, 100) : `of a ${typeof name}`}: ${why}`)

function checkedInput(entry: Call, name: string, input: unknown): unknown {
  const given = checked(entry.input, input)
  if ('fault' in given) throw refusal(name, given.fault)
  return given.data
}

function checkedOutput(entry: Call, name: string, output: unknown): unknown {
  const returned = checked(entry.output, output)
  if ('fault' in returned) throw new Error(`the output of ${name} does not match the contract: ${returned.fault}`)
  return returned.data
}

async function replied(event: IpcMainInvokeEvent, name: unknown, body: () => Promise<unknown>): Promise<Reply> {
  try {
    if (!isOurPage(event.senderFrame)) throw refusal(name, 'it does not come from the page of the window')
    return { ok: true, output: await body() }
  } catch (error) {
    if (error instanceof UserError) return { ok: false, message: visible(error.message) }
    log(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return { ok: false, message: `internal error: ${error instanceof Error ? error.message : error}` }
  }
}
