import { z } from 'zod'
import { call } from '../state/queries.ts'
import { restore, useView, type ViewState } from '../state/view.ts'

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
          sign: z.enum(['for', 'against']),
          classes: z.array(z.int()),
        }),
      }),
    )
    .min(1)
    .max(6),
  active: z.int(),
  linked: z.boolean(),
  labels: z.boolean(),
  minimap: z.boolean(),
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

/** Restores the last view of the project, or the initial one. */
export async function loadView(): Promise<void> {
  const saved = (await call('saved.list', { kind: 'view' })).find(k => k.name === 'last')
  restore(readView(saved?.value) ?? {})
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
