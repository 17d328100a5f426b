/** A bridge to the fake engine, so that the window runs in a plain page. */

import type { Bridge } from '../../electron/contract/bridge.ts'
import type { CallName, Input, Output } from '../../electron/contract/calls.ts'
import type { EventName, EventOf } from '../../electron/contract/events.ts'
import type { ProjectSummary, SavedItem } from '../../electron/contract/project.ts'
import type { ShellCallName, ShellInput, ShellOutput } from '../../electron/contract/shell.ts'
import { atlasHandlers } from './fake-atlases.ts'
import { dataHandlers } from './fake-data.ts'
import { imageHandlers } from './fake-images.ts'
import { patchHandlers } from './fake-patches.ts'
import { HASH, LAYERS } from './fake-project.ts'
import { runtimeHandlers } from './fake-runtimes.ts'

const summary: ProjectSummary = {
  key: '0123456789abcdef',
  file: '/projects/made-up.portolan',
  name: 'Synthetic project',
  readOnly: null,
  images: 2000,
  unreadable: 3,
  models: 1,
  atlases: 4,
  bytes: 734e6,
}

/** The last view: one pane, where a project that was never shown would open with several layers. */
const onePane = {
  version: 1,
  panes: [
    {
      ...{ id: 1, atlas: null, grid: 'auto', density: 2, pictures: 'icons' },
      filter: { mode: 'heat', sign: 'for', classes: [] },
    },
  ],
  ...{ active: 1, linked: true, labels: true, minimap: true, cameras: {} },
}
const savedItems = new Map<string, SavedItem>([
  ['view/last', { kind: 'view', name: 'last', value: onePane, updated: 0 }],
])
let opened = !new URLSearchParams(location.search).has('welcome')

export type FakeHandlers = { readonly [N in CallName]?: (input: Input<N>) => Output<N> | Promise<Output<N>> }
const handlers: FakeHandlers = {
  ...patchHandlers(
    HASH,
    [...LAYERS.entries()].map(([k, layer]) => ({ atlas: k + 1, layer })),
  ),
  'project.summary': () => (opened ? summary : null),
  'project.preview': () => ({ bytes: 734e6, models: ['GoogLeNet'], layers: [...LAYERS], picture: null }),
  'project.open': () => {
    opened = true
    return summary
  },
  'tour.find': () => null,
  'figure.size': ({ panes }) => ({
    width: Math.max(...panes.map(pane => pane.left + pane.width)),
    height: Math.max(...panes.map(pane => pane.top + pane.height)) + 38,
  }),
  'figure.draw': ({ maps }) => ({ bytes: maps[0]!, unset: null }),
  'view.size': () => ({ width: 900, height: 620 }),
  'view.draw': () => ({ bytes: new Uint8Array([1]), unset: null }),
  'view.table': () => ({ csv: 'row,column\r\n' }),
  'project.demo': () => {
    opened = true
    return summary
  },
  'saved.list': ({ kind }) => [...savedItems.values()].filter(k => k.kind === kind),
  'saved.save': ({ kind, name, value }) => {
    savedItems.set(`${kind}/${name}`, { kind, name, value, updated: Date.now() })
    emit('project.changed', { what: ['saved'] })
    return {}
  },
  'saved.remove': ({ kind, name }) => {
    savedItems.delete(`${kind}/${name}`)
    emit('project.changed', { what: ['saved'] })
    return {}
  },
  ...atlasHandlers,
  ...imageHandlers,
  ...dataHandlers,
  ...runtimeHandlers,
}

/** What was written to files, by their paths. */
export const written = new Map<string, Uint8Array>()

type ShellHandlers = { readonly [N in ShellCallName]?: (input: ShellInput<N>) => ShellOutput<N> }
const shellHandlers: ShellHandlers = {
  'app.recent': () => [
    { file: '/projects/googlenet.portolan', name: 'googlenet', opened: 1_789_000_000_000, exists: true },
    { file: '/projects/old.portolan', name: 'old', opened: 1_780_000_000_000, exists: false },
  ],
  'app.initial': () => ({ file: null }),
  'app.forget': () => ({}),
  'queue.choose': () => ({ chosen: true }),
  'window.title': () => ({}),
  'clipboard.text': () => ({}),
  'clipboard.image': () => ({}),
  'dialog.open': ({ kind }) => (kind === 'model' ? ['/models/resnet18.onnx'] : []),
  'dialog.save': ({ suggested }) => `/made-up/${suggested}`,
  'file.write': ({ file, bytes }) => {
    written.set(file, bytes)
    return {}
  },
  'clipboard.readImage': () => null,
}

const listeners = new Map<EventName, Set<(event: never) => void>>()
const LATENCY = 25
async function later<T>(make: () => T | Promise<T>): Promise<T> {
  await new Promise(resolve => setTimeout(resolve, LATENCY))
  return make()
}

export const bridge: Bridge = {
  call: <N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> =>
    later(() => {
      const handler: FakeHandlers[N] = handlers[name]
      if (!handler) throw new Error(`cannot do ${name}: the fake engine does not know it`)
      return handler(input)
    }),
  shell: <N extends ShellCallName>(name: N, input: ShellInput<N>): Promise<ShellOutput<N>> =>
    later(() => {
      const handler: ShellHandlers[N] = shellHandlers[name]
      if (!handler) throw new Error(`cannot do ${name}: a plain page does not know it`)
      return handler(input)
    }),
  on(event, listener) {
    const set = listeners.get(event) ?? new Set()
    set.add(listener)
    listeners.set(event, set)
    return () => void set.delete(listener)
  },
  pathOf: async () => '',
}

/** Sends an event to the page. */
export function emit<N extends EventName>(name: N, event: EventOf<N>): void {
  for (const listener of listeners.get(name) ?? []) (listener as (given: EventOf<N>) => void)(event)
}
