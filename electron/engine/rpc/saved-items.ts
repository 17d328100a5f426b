import { listSavedItems, putSavedItem, removeSavedItem } from '../store/saved-items.ts'
import type { Calls } from './handlers.ts'

export const savedItemCalls: Calls<'saved'> = {
  'saved.list': ({ kind }, { project }) =>
    listSavedItems(project().db, kind).map(({ name, value, updated }) => ({
      kind,
      name,
      value: value as never,
      updated,
    })),
  'saved.save': ({ kind, name, value }, { project }) => {
    putSavedItem(project().writable(), kind, name, value, Date.now())
    // The last view is written at every step: it is not listed.
    if (kind !== 'view') project().notify('project.changed', { what: ['saved'] })
    return {}
  },
  'saved.remove': ({ kind, name }, { project }) => {
    removeSavedItem(project().writable(), kind, name)
    project().notify('project.changed', { what: ['saved'] })
    return {}
  },
}
