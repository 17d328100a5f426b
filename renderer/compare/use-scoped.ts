import { useMemo } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { Begun, ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { type Asked, askedKey, changeScopes, remember, useScopes } from '../state/scopes.ts'
import { useView } from '../state/view.ts'
import { classPlan, comparisonPlan, shownOf } from './plans.ts'

/** Whole atlases of the model whose classes are shown, and those of them that are started from. */
export function useSources(): { readonly all: readonly AtlasSummary[]; readonly chosen: readonly AtlasSummary[] } {
  const { atlases, model } = useProject()
  const from = useScopes(state => state.from)
  const active = useView(state => state.panes.find(p => p.id === state.active)?.atlas)
  return useMemo(() => {
    const all = atlases.filter(a => model === undefined || a.model === model.hash)
    const chosen = all.filter(a => from.includes(a.id))
    const usual = all.find(a => a.id === active) ?? all[0]
    return { all, chosen: chosen.length > 0 || !usual ? chosen : [usual] }
  }, [atlases, model, from, active])
}

/** What stands in one place of a view: an atlas of the classes, a job that makes one, both, or neither. */
export interface Place {
  readonly source: AtlasSummary
  readonly atlas: ScopedAtlas | undefined
  readonly asked: Asked | undefined
}

/** One place for every chosen whole atlas. */
export function usePlaces(classes: readonly number[] | null): {
  readonly places: readonly Place[]
  readonly scoped: readonly ScopedAtlas[]
  readonly error: Error | null
} {
  const { chosen } = useSources()
  const { data, error } = useCall('classAtlas.list', {})
  const asked = useScopes(state => state.asked)
  const scoped = data ?? NONE
  const places = useMemo(
    () =>
      chosen.map(source => {
        const last = classes === null ? undefined : asked[askedKey(source.id, classes)]
        return { source, asked: last, atlas: classes === null ? undefined : shownOf(scoped, source.id, classes, last) }
      }),
    [chosen, classes, scoped, asked],
  )
  return { places, scoped, error }
}
const NONE: readonly ScopedAtlas[] = []

/** Ask for the class atlas or the comparison in each of these whole atlases, as the controls say. */
export async function ask(sources: readonly AtlasSummary[], classes: readonly number[]): Promise<void> {
  const form = useScopes.getState()
  changeScopes({ asking: true })
  await attempt(async () => {
    for (const source of sources) {
      const begun = await begin(source, classes, form)
      if (begun) remember(askedKey(source.id, classes), { plan: begun.plan, job: begun.job })
    }
    await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
  })
  changeScopes({ asking: false })
}

async function begin(
  source: AtlasSummary,
  classes: readonly number[],
  form: Parameters<typeof classPlan>[2],
): Promise<Begun | null> {
  const [a, b] = classes
  if (a === undefined) return null
  if (b === undefined) {
    const plan = classPlan(source, a, form)
    return plan && call('classAtlas.build', plan)
  }
  const plan = comparisonPlan(source, [a, b], form)
  return plan && call('comparison.build', plan)
}
