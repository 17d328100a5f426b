import { useMemo } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassAtlas, StartedJob } from '../../electron/contract/class-atlas.ts'
import { byDepth } from '../atlas/by-depth.ts'
import {
  changeClassAtlasForm,
  type RequestedPlan,
  rememberRequest,
  requestKey,
  useClassAtlasForm,
} from '../state/class-atlas-form.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, client, fetched, useCall } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { classPlan, comparisonPlan, filterOf, shownOf } from './plans.ts'

/** The whole atlases of the current model by depth, and those chosen as sources: by default the active or first built. */
export function useSources(): { readonly all: readonly AtlasSummary[]; readonly chosen: readonly AtlasSummary[] } {
  const { atlases, model } = useProject()
  const from = useClassAtlasForm(state => state.from)
  const active = useView(state => state.panes.find(p => p.id === state.active)?.atlas)
  return useMemo(() => {
    const own = atlases.filter(a => model === undefined || a.model === model.hash)
    const all = byDepth(own, model)
    const chosen = all.filter(a => from.includes(a.id))
    const fallback = own.find(a => a.id === active) ?? own[0]
    return { all, chosen: chosen.length > 0 || !fallback ? chosen : [fallback] }
  }, [atlases, model, from, active])
}

/** The content of a pane: an atlas of the classes, a job that builds one, both, or neither. */
export interface PaneContent {
  readonly source: AtlasSummary
  readonly atlas: ClassAtlas | undefined
  readonly requested: RequestedPlan | undefined
}

/** One pane for every chosen source atlas. */
export function usePaneContents(classes: readonly number[] | null): {
  readonly contents: readonly PaneContent[]
  readonly classAtlases: readonly ClassAtlas[]
  readonly error: Error | null
} {
  const { chosen } = useSources()
  const { data, error } = useCall('classAtlas.list', {})
  const requested = useClassAtlasForm(state => state.requested)
  const classAtlases = data ?? NONE
  const contents = useMemo(
    () =>
      chosen.map(source => {
        const last = classes === null ? undefined : requested[requestKey(source.id, classes)]
        return {
          source,
          requested: last,
          atlas: classes === null ? undefined : shownOf(classAtlases, source.id, classes, last),
        }
      }),
    [chosen, classes, classAtlases, requested],
  )
  return { contents, classAtlases, error }
}
const NONE: readonly ClassAtlas[] = []

/** Requests the class atlas or comparison of each source atlas, with the settings of the form. */
export async function requestAtlases(sources: readonly AtlasSummary[], classes: readonly number[]): Promise<void> {
  const form = useClassAtlasForm.getState()
  changeClassAtlasForm({ submitting: true })
  await attempt(async () => {
    for (const source of sources) {
      const started = await startBuild(source, classes, form)
      if (started) rememberRequest(requestKey(source.id, classes), { plan: started.plan, job: started.job })
    }
    await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
  })
  changeClassAtlasForm({ submitting: false })
}

async function startBuild(
  source: AtlasSummary,
  classes: readonly number[],
  form: Parameters<typeof classPlan>[2],
): Promise<StartedJob | null> {
  const [a, b] = classes
  if (a === undefined) return null
  if (b === undefined) {
    const filter = filterOf(form.filter, source.samples)
    if (filter === null) return null
    const { counts } = await fetched('classAtlas.counts', { from: source.id, class: a, filter })
    const plan = classPlan(source, a, form, counts.after)
    return plan && call('classAtlas.build', plan)
  }
  const plan = comparisonPlan(source, [a, b], form)
  return plan && call('comparison.build', plan)
}

/** Resumes the job of an atlas that was interrupted, cancelled or failed, whatever the form contains now. */
export function resumeJob(job: number, { plan, from }: ClassAtlas, classes: readonly number[]): Promise<void> {
  return attempt(async () => {
    const resumed = await call('jobs.resume', { job })
    if (from !== null) rememberRequest(requestKey(from, classes), { plan, job: resumed.job })
    await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
  })
}
