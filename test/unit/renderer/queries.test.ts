import { onlineManager } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CallName, calls } from '../../../electron/contract/calls.ts'
import { ENGINE_LOST } from '../../../electron/contract/channels.ts'
import { client, fetched, followEvents, STALE } from '../../../renderer/state/queries.ts'

/** Calls whose results no change of the project makes stale, by the reason. */
const NEVER_STALE: Readonly<Record<string, readonly CallName[]>> = {
  'change something, or start it': [
    ...(['project.open', 'project.create', 'project.demo', 'atlas.build', 'atlas.remove', 'atlas.look'] as const),
    'atlas.measureStability',
    ...([
      'photograph.add',
      'photograph.addBytes',
      'patch.add',
      'patch.generate',
      'patch.rename',
      'patch.remove',
    ] as const),
    ...(['sweep.start', 'sweep.remove', 'experiment.start', 'experiment.remove', 'suggestion.start'] as const),
    ...(['jobs.cancel', 'jobs.resume', 'models.add', 'folder.add', 'folder.relink', 'saved.save'] as const),
    ...(['models.addEmbedded', 'models.describe', 'models.evaluate', 'folder.remove'] as const),
    ...(['saved.remove', 'classAtlas.build', 'classAtlas.remove', 'comparison.build'] as const),
    ...(['runtimes.calibrate', 'runtimes.choose', 'patch.export', 'experiment.export'] as const),
  ],
  'follow from their input, which names what never changes': [
    ...(['atlas.attribution', 'cell.channels', 'cell.direction', 'cell.linked', 'cell.variant'] as const),
    ...(['selection.icon'] as const),
    ...([
      'photograph.predict',
      'photograph.position',
      'photograph.attribution',
      'patch.compose',
      'patch.moved',
      'classAtlas.counts',
    ] as const),
    ...(['models.propose', 'models.readLabels', 'models.test'] as const),
    ...(['classes.search', 'figure.size', 'figure.draw'] as const),
  ],
  'are called when a file is saved': ['view.draw', 'view.table'],
  'are called on a click, and not kept': ['publish.estimate', 'publish.write', 'publish.cancel'],
  'are called once, when the demo is there': ['tour.find', 'tour.measure'],
  'are refreshed by events of their own, where they are shown': ['photograph.grid', 'runtimes.list', 'atlas.cells'],
  'are asked for every few seconds, where they are shown': ['queue.state'],
  'are fetched on request, and forgotten when photographs change': ['cell.samples'],
  'are called when a sample is opened': ['atlas.sample'],
}

describe('stale results', () => {
  it('are refreshed by an event, or there is a reason why they never are', () => {
    const refreshed = new Set(Object.values(STALE).flat())
    const never = Object.values(NEVER_STALE).flat()
    expect(never.filter(name => refreshed.has(name))).toEqual([])
    expect(new Set([...refreshed, ...never])).toEqual(new Set(Object.keys(calls)))
  })

  const listeners = new Map<string, (event: never) => void>()
  const fire = (name: string, event: unknown) => listeners.get(name)!(event as never)
  let end = () => {}
  beforeEach(() => {
    const on = (name: string, listener: (event: never) => void) => {
      listeners.set(name, listener)
      return () => listeners.delete(name)
    }
    Object.assign(globalThis, { window: { portolan: { on } } })
    end = followEvents()
  })
  afterEach(() => {
    end()
    client.clear()
    Reflect.deleteProperty(globalThis, 'window')
  })
  const isStale = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated ?? true

  it('of a log, when its job changes', () => {
    const key = ['jobs.log', { job: 1 }]
    client.setQueryData(key, [])
    fire('job.changed', { id: 1 })
    expect(isStale(key)).toBe(true)
  })

  it('of the summary, which counts models, when a model changes', () => {
    client.setQueryData(['project.summary', {}], null)
    fire('project.changed', { what: ['models'] })
    expect(isStale(['project.summary', {}])).toBe(true)
  })

  it('of a ranking, whose rows show icons, when an icon of its grid changes, and of no other', () => {
    const key = (grid: number) => ['comparison.ranked', { atlas: 4, grid, swap: false, toward: 'both', limit: 40 }]
    for (const grid of [10, 20]) client.setQueryData(key(grid), {})
    fire('cells.changed', { atlas: 4, grid: 10, revision: 3 })
    expect([isStale(key(10)), isStale(key(20))]).toEqual([true, false])
  })

  it('of estimates, and of further photographs of a cell, when photographs change', () => {
    const keys = [
      ['atlas.estimate', {}],
      ['experiment.estimate', {}],
    ]
    for (const key of keys) client.setQueryData(key, {})
    client.setQueryData(['cell.samples', {}, 8], {})
    fire('project.changed', { what: ['photographs'] })
    expect(keys.map(isStale)).toEqual([true, true])
    expect(client.getQueryData(['cell.samples', {}, 8])).toBeUndefined()
  })
})

describe('a query', () => {
  const answers = (...given: (object | Error)[]) => {
    const call = async () => {
      const next = given.shift()
      if (next instanceof Error) throw next
      return next
    }
    Object.assign(globalThis, { window: { portolan: { call } } })
  }
  const lost = () => new Error(`${ENGINE_LOST}: it was killed by SIGKILL; finished work is in the project`)
  afterEach(() => {
    onlineManager.setOnline(true)
    client.clear()
    Reflect.deleteProperty(globalThis, 'window')
  })

  it('whose engine stopped is retried on the next engine', async () => {
    answers(lost(), [1])
    expect(await fetched('atlas.list', {})).toEqual([1])
  })

  it('that stops the next engine too, or fails otherwise, is not made again', async () => {
    answers(lost(), lost(), [1])
    await expect(fetched('atlas.list', {})).rejects.toThrow(ENGINE_LOST)
    answers(new Error('no space left'), [1])
    await expect(fetched('atlas.list', {})).rejects.toThrow('no space left')
  })

  it('returns on a machine without a network', async () => {
    onlineManager.setOnline(false)
    answers([1])
    expect(await fetched('atlas.list', {})).toEqual([1])
  })
})
