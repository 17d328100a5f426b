import type { z } from 'zod'
import { type CallName, calls, type Output } from '../../contract/calls.ts'
import { UserError } from '../../contract/errors.ts'
import { programName } from '../files/version.ts'
import { estimate } from '../publish/estimate.ts'
import { publish } from '../publish/publish.ts'
import type { PublishedSource } from '../publish/source.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { atlasCalls } from './atlas.ts'
import { cellDetails } from './cells.ts'
import { classAtlasCalls } from './class-atlases.ts'
import { classesCalls } from './classes.ts'
import { comparisonCalls } from './comparisons.ts'
import { estimateWithin } from './estimate-within.ts'
import type { CallContext, Calls, Handlers } from './handlers.ts'
import { modelsCalls } from './models.ts'
import { summaryOf } from './project.ts'

/** The calls that a page is made of. */
const asked: Partial<Handlers> = {
  ...atlasCalls,
  ...classAtlasCalls,
  ...classesCalls,
  ...comparisonCalls,
  ...modelsCalls,
}

/** A project as it answers the calls of a window. */
export const sourceOf = (project: OpenProject, context: Omit<CallContext, 'project'>): PublishedSource => ({
  project,
  summary: () => summaryOf(project),
  details: (grid, cells, limits) => cellDetails(project, grid, cells, limits),
  ask: async <N extends CallName>(name: N, input: z.input<(typeof calls)[N]['input']>): Promise<Output<N>> => {
    const handler = asked[name]
    if (handler === undefined) throw new Error(`${name} is no part of a published page`)
    const given = calls[name].input.parse(input) as Parameters<Handlers[N]>[0]
    return handler(given, { ...context, project: () => project })
  },
})

/** What is being written, by window. */
const writing = new Map<number, AbortController>()

/** How long the window waits for an estimate, seconds. */
const PATIENCE = 120

export const publishingCalls: Calls<'publish'> = {
  'publish.estimate': (choice, context) =>
    estimateWithin(PATIENCE, 'publish', signal => estimate(sourceOf(context.project(), context), choice, signal)),
  'publish.write': async ({ choice, text, folder }, context) => {
    if (writing.has(context.client))
      throw new UserError('this window is publishing already: wait for it, or cancel it first')
    const controller = new AbortController()
    writing.set(context.client, controller)
    try {
      const project = context.project()
      return await publish(sourceOf(project, context), {
        choice,
        text,
        folder,
        madeBy: programName(),
        signal: controller.signal,
        report: progress => project.notify('publish.progress', progress),
      })
    } catch (error) {
      if (controller.signal.aborted) throw new UserError('publishing was cancelled; nothing was written')
      throw error
    } finally {
      writing.delete(context.client)
    }
  },
  'publish.cancel': (_, { client }) => {
    writing.get(client)?.abort()
    return {}
  },
}
