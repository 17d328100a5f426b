import { z } from 'zod'
import { call } from './call.ts'
import { FilePath, Time, Uint8s } from './values.ts'

const chosen = z.array(FilePath).readonly()
const nothing = z.object({}).readonly()
const done = z.object({}).readonly()

/** What main does for a window by itself, without the engine: dialogs, menus, clipboard. */
export const shellCalls = {
  /** Opens a dialog; an empty list: cancelled. Chosen paths may be used in calls from then on. */
  'dialog.open': call(
    z.object({ kind: z.enum(['project', 'photographs', 'photograph-folder', 'model', 'labels']) }).readonly(),
    chosen,
  ),
  'dialog.save': call(
    z
      .object({ kind: z.enum(['project', 'png', 'svg', 'pdf', 'json', 'csv', 'page']), suggested: z.string().max(200) })
      .readonly(),
    FilePath.nullable(),
  ),
  /** Writes where the user chose to in `dialog.save`, and nowhere else. */
  'file.write': call(
    z.object({ file: FilePath, bytes: Uint8s }).readonly(),
    done,
    () => [],
    given => [given.file],
  ),
  'app.recent': call(
    nothing,
    z.array(z.object({ file: FilePath, name: z.string(), opened: Time, exists: z.boolean() }).readonly()).readonly(),
  ),
  /** Removes a project from the recent ones; its file stays. */
  'app.forget': call(z.object({ file: FilePath }).readonly(), done),
  /** The project that this window was opened for, by the command line, a drop on the icon or the menu. */
  'app.initial': call(nothing, z.object({ file: FilePath.nullable() }).readonly()),
  'app.info': call(
    nothing,
    z.object({ version: z.string(), electron: z.string(), node: z.string(), platform: z.string() }).readonly(),
  ),
  /** Starts the engine again after it was given up (engine.state lost, retryInMs null). */
  'engine.restart': call(nothing, done),
  /**
   * Asks the user whether jobs may be divided among the workers of a queue, to which photographs and models are then sent;
   * null: this machine alone. False: the user refused.
   */
  'queue.choose': call(
    z.object({ url: z.string().max(1000).nullable() }).readonly(),
    z.object({ chosen: z.boolean() }).readonly(),
  ),
  'window.title': call(z.object({ title: z.string().max(200) }).readonly(), done),
  'window.new': call(nothing, done),
  'clipboard.text': call(z.object({ text: z.string().max(1_000_000) }).readonly(), done),
  /** A PNG. */
  'clipboard.image': call(z.object({ png: Uint8s }).readonly(), done),
  /** What the clipboard holds as a PNG, or null. */
  'clipboard.readImage': call(nothing, z.object({ png: Uint8s }).readonly().nullable()),
} as const

export type ShellCallName = keyof typeof shellCalls
export type ShellInput<N extends ShellCallName> = z.input<(typeof shellCalls)[N]['input']>
export type ShellOutput<N extends ShellCallName> = z.output<(typeof shellCalls)[N]['output']>

export const isShellCallName = (name: unknown): name is ShellCallName =>
  typeof name === 'string' && Object.hasOwn(shellCalls, name)
