import { listKeepsakes, putKeepsake, removeKeepsake } from '../store/keepsakes.ts'
import type { Calls } from './handlers.ts'

export const keepsakesCalls: Calls<'keepsakes'> = {
  'keepsakes.list': ({ kind }, { project }) =>
    listKeepsakes(project().db, kind).map(({ name, value, updated }) => ({
      kind,
      name,
      value: value as never,
      updated,
    })),
  'keepsakes.save': ({ kind, name, value }, { project }) => {
    putKeepsake(project().writable(), kind, name, value, Date.now())
    // The last view is written at every step: nobody lists it.
    if (kind !== 'view') project().tell('project.changed', { what: ['keepsakes'] })
    return {}
  },
  'keepsakes.remove': ({ kind, name }, { project }) => {
    removeKeepsake(project().writable(), kind, name)
    project().tell('project.changed', { what: ['keepsakes'] })
    return {}
  },
}
