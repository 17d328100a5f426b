import { z } from 'zod'
import { JobProgress, JobRecord } from './jobs.ts'
import { DisabledRuntime } from './runtimes.ts'
import { AtlasId, Grid, Revision, ShownText } from './values.ts'
import { views } from './views.ts'

/** `lost` comes with what happened, and with when the next start is tried; null: it won't be. */
export const EngineState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('starting') }).readonly(),
  z.object({ state: z.literal('ready') }).readonly(),
  z.object({ state: z.literal('lost'), reason: ShownText, retryInMs: z.number().nullable() }).readonly(),
])
export type EngineState = z.infer<typeof EngineState>

/** A choice in the native menu that the page carries out. */
export const MenuCommand = z.enum([
  ...views.map(({ id }) => `show-${id}` as const),
  'new-project',
  'new-atlas',
  'export-view',
  'publish',
  'copy-link',
  'bookmark',
  'settings',
  'find-class',
  'undo',
  'redo',
  'select-all',
  'zoom-in',
  'zoom-out',
  'zoom-fit',
  'toggle-crops',
  'toggle-inspector',
  'toggle-minimap',
  'link-panes',
  'add-pane',
  'close-pane',
  'shortcuts',
  'tour',
])
export type MenuCommand = z.infer<typeof MenuCommand>

/** All events that the window receives. The first seven come from the engine, the others from main. */
export const events = {
  'job.progress': JobProgress,
  'job.changed': JobRecord,
  'cells.changed': z.object({ atlas: AtlasId, grid: Grid, revision: Revision }).readonly(),
  /** The project's own tables changed: which queries are stale. */
  'project.changed': z
    .object({
      what: z
        .array(z.enum(['summary', 'atlases', 'models', 'photographs', 'jobs', 'saved', 'patches', 'experiments']))
        .readonly(),
    })
    .readonly(),
  /** A message to the user that is not the result of a call. */
  notice: z.object({ level: z.enum(['info', 'warning', 'error']), text: ShownText }).readonly(),
  /** A runtime failed during a job, which goes on with another. */
  'runtime.disabled': DisabledRuntime,
  /** How far `publish.write` has come. */
  'publish.progress': z.object({ stage: ShownText, done: z.number(), total: z.number(), unit: ShownText }).readonly(),
  'engine.state': EngineState,
  /** A command of the menu or the command line for the window. */
  'menu.command': z.object({ command: MenuCommand }).readonly(),
  /** The menu chose a project for this window: the page opens it. */
  'project.chosen': z.object({ file: z.string() }).readonly(),
} as const
export type EventName = keyof typeof events
export type EventOf<N extends EventName> = z.output<(typeof events)[N]>
