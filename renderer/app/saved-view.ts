import { z } from 'zod'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { CellRef } from '../../electron/contract/values.ts'
import { byDepth } from '../atlas/by-depth.ts'
import { call } from '../state/queries.ts'
import { INITIAL, pane, restore, useView, type ViewState } from '../state/view.ts'

const Unit = z.number().min(0).max(1)
const Saved = z.object({
  version: z.literal(1),
  panes: z
    .array(
      z.object({
        id: z.int(),
        atlas: z.int().nullable(),
        grid: z.union([z.literal('auto'), z.int()]),
        density: z.number(),
        pictures: z.enum(['icons', 'crops']).default('icons'),
        filter: z.object({
          mode: z.enum(['opacity', 'heat', 'hues']),
          sign: z.enum(['for', 'against', 'both']),
          classes: z.array(z.int()),
          stability: z.boolean().default(false),
        }),
      }),
    )
    .min(1)
    .max(6),
  active: z.int(),
  linked: z.boolean(),
  labels: z.boolean(),
  minimap: z.boolean(),
  selection: z
    .object({ pane: z.int(), cells: z.array(CellRef) })
    .nullable()
    .default(null),
  cameras: z.record(z.string(), z.object({ x: Unit, y: Unit, zoom: z.number() })),
})

/** A saved view; undefined if another version of Portolan saved it. */
export function readView(value: unknown): Partial<ViewState> | undefined {
  const parsed = Saved.safeParse(value)
  if (!parsed.success) return undefined
  const { version: _, cameras, ...rest } = parsed.data
  const numbered: ViewState['cameras'] = Object.fromEntries(
    Object.entries(cameras).map(([id, view]) => [Number(id), view]),
  )
  return { ...rest, cameras: numbered }
}

/** The part of the view state that is saved. */
export function writeView({ panes, active, linked, labels, minimap, cameras }: ViewState) {
  return {
    version: 1,
    panes,
    active,
    linked,
    labels,
    minimap,
    cameras,
  }
}

/** The view as a part of a link, with the selection. */
export function encodeView(state: ViewState): string {
  return encoded(JSON.stringify({ ...writeView(state), selection: state.selection }))
}

/** @returns undefined for what `encodeView` of this version would not have written */
export function decodeView(text: string): Partial<ViewState> | undefined {
  try {
    return readView(JSON.parse(decoded(text)))
  } catch {
    return undefined
  }
}

// Names of tensors are not part of it: all characters are of one byte.
const encoded = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const decoded = (text: string): string => atob(text.replaceAll('-', '+').replaceAll('_', '/'))

/** Restores the last view of the project, or the initial one. */
export async function loadView(): Promise<void> {
  // Nothing of the project before; and whoever opens another section meanwhile stays there.
  restore(INITIAL)
  const saved = (await call('saved.list', { kind: 'view' })).find(k => k.name === 'last')
  const view = readView(saved?.value) ?? (await firstView())
  restore({ ...useView.getState(), ...view })
}

/** Width, in CSS pixels, from which on a new window shows layers side by side. */
const WIDE = 1200
const LAYERS = 3

/** The panes of a project that was never shown: up to three layers from early to late, or one. */
async function firstView(): Promise<Partial<ViewState>> {
  if (window.innerWidth < WIDE) return {}
  const [atlases, models] = await Promise.all([call('atlas.list', {}), call('models.list', {})])
  const model = models.find(({ hash }) => hash === atlases[0]?.model)
  const ids = spread(byDepth(newestOfLayers(atlases), model), LAYERS).map(({ id }) => id)
  return ids.length < 2 ? {} : { panes: ids.map((atlas, at) => pane(at + 1, atlas)), active: 1 }
}

/** The newest atlas of each layer, of one model. */
export function newestOfLayers(atlases: readonly AtlasSummary[]): readonly AtlasSummary[] {
  const current = atlases.filter(({ model, outdated }) => model === atlases[0]!.model && outdated === null)
  return [...new Map(current.map(atlas => [atlas.layer, atlas])).values()]
}

/** At most `count` of some values, evenly spread, with the first and the last. */
export function spread<Value>(values: readonly Value[], count: number): readonly Value[] {
  if (values.length <= count) return values
  return Array.from({ length: count }, (_, at) => values[Math.round((at * (values.length - 1)) / (count - 1))]!)
}

/** Saves the view in the project shortly after each change. @returns a function that stops it */
export function autosaveView(): () => void {
  let timer: ReturnType<typeof setTimeout>
  let last = ''
  const end = useView.subscribe(state => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const text = JSON.stringify(writeView(state))
      if (text === last) return
      last = text
      // A failed save needs no message: the next change retries.
      call('saved.save', { kind: 'view', name: 'last', value: JSON.parse(text) }).catch(() => {
        last = ''
      })
    }, 800)
  })
  return () => {
    clearTimeout(timer)
    end()
  }
}
