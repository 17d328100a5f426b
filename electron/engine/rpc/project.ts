import { basename } from 'node:path'
import type { ProjectSummary } from '../../contract/project.ts'
import { previewOf } from '../query/preview.ts'
import { projectCounts } from '../store/info.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { openDemo } from './demo.ts'
import type { Calls } from './handlers.ts'

export const projectCalls: Calls<'project'> = {
  'project.open': async ({ file }, { client, projects }) => summaryOf(await projects.open(client, file)),
  'project.create': async ({ file }, { client, projects }) => summaryOf(await projects.create(client, file)),
  'project.demo': async (_, context) => summaryOf(await openDemo(context)),
  'project.preview': ({ file }) => previewOf(file),
  'project.summary': (_, { client, projects }) => {
    const project = projects.of(client)
    return project === undefined ? null : summaryOf(project)
  },
}

export const summaryOf = ({ key, file, db, readOnly }: OpenProject): ProjectSummary => ({
  key,
  file,
  name: basename(file).replace(/\.portolan$/, ''),
  readOnly,
  ...projectCounts(db),
  bytes: db.bytes(),
})
