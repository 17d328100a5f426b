import { QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { CallName, Input, Output } from '../../electron/contract/calls.ts'
import { ENGINE_LOST } from '../../electron/contract/channels.ts'
import type { EventName, EventOf } from '../../electron/contract/events.ts'

/** A call that its engine did not survive is made once more, so that what is shown does not give way to an error that has passed. */
const retry = (failures: number, error: Error): boolean => failures === 0 && error.message.startsWith(ENGINE_LOST)

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      retry,
      // The call waits until the next engine is ready.
      retryDelay: 0,
      refetchOnWindowFocus: false,
      // The engine is on this machine: without a network calls go on.
      networkMode: 'always',
    },
  },
})

export function call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> {
  return window.portolan.call(name, input)
}

/** The same result as `useCall` would give, from the cache where it is there. */
export function fetched<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> {
  return client.fetchQuery({ queryKey: [name, input], queryFn: () => call(name, input) })
}

export function on<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): () => void {
  return window.portolan.on(name, listener)
}

/** A cached result of the engine, valid until an event marks it as stale. With `null` as input nothing is requested. */
export function useCall<N extends CallName>(name: N, input: Input<N> | null): UseQueryResult<Output<N>, Error> {
  return useQuery<Output<N>, Error>({
    queryKey: [name, input],
    queryFn: () => call(name, input as Input<N>),
    enabled: input !== null,
  })
}

/** The calls whose results a change of the project makes stale, by what changed. */
export const STALE: Readonly<Record<EventOf<'project.changed'>['what'][number], readonly CallName[]>> = {
  // The start page shows what a project has now, also after it was open in this window.
  summary: ['project.summary', 'project.preview'],
  atlases: [
    'project.preview',
    'atlas.list',
    'atlas.labels',
    'atlas.classes',
    'atlas.fidelity',
    'atlas.stability',
    'atlas.spread',
    'cell.detail',
    'classAtlas.cells',
    'classAtlas.list',
    'classAtlas.layers',
    'classAtlas.origins',
    'comparison.cells',
    'comparison.ranked',
    'project.summary',
  ],
  models: ['models.list', 'models.accuracy', 'atlas.labels', 'classes.list', 'project.summary'],
  photographs: [
    'folder.list',
    'models.accuracy',
    'photograph.list',
    'photograph.get',
    'atlas.samples',
    'classes.list',
    'classes.photographs',
    'project.summary',
    'cell.detail',
    'selection.summary',
    'atlas.estimate',
    'experiment.estimate',
  ],
  jobs: ['jobs.list', 'jobs.log', 'classAtlas.list', 'models.accuracy', 'folder.list'],
  saved: ['saved.list'],
  patches: ['patch.list', 'patch.get'],
  experiments: [
    'experiment.list',
    'experiment.result',
    'experiment.trials',
    'suggestion.list',
    'suggestion.get',
    'sweep.list',
    'sweep.get',
    'view.size',
  ],
}

/** Marks results as stale on the engine's events. @returns a function that unsubscribes */
export function followEvents(): () => void {
  const ends = [
    on('project.changed', ({ what }) => {
      for (const name of new Set(what.flatMap(w => STALE[w]))) void client.invalidateQueries({ queryKey: [name] })
      // Fetched on request only, and so not fetched again: the user requests them again.
      if (what.includes('photographs')) void client.resetQueries({ queryKey: ['cell.samples'] })
    }),
    on('project.chosen', () => void client.invalidateQueries()),
    on('cells.changed', ({ atlas, grid }) => {
      void client.invalidateQueries({ queryKey: ['atlas.cells', { atlas, grid }] })
      void client.invalidateQueries({ queryKey: ['atlas.list'] })
      // Its rows show the icons too.
      void client.invalidateQueries({ queryKey: ['comparison.ranked', { atlas, grid }] })
    }),
    on('job.changed', () => {
      for (const name of STALE.jobs) void client.invalidateQueries({ queryKey: [name] })
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
