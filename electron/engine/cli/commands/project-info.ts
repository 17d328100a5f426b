import { z } from 'zod'
import { modelStates } from '../../registry/state.ts'
import { type ProjectInfo, projectInfo } from '../../store/info.ts'
import { openProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { grouped, megabytes, table } from '../text.ts'

const Given = z.object({ project: z.string() })

/** `portolan project info PROJECT` */
export const defineProjectInfo: DefineCommand = (command, run) =>
  command
    .description('Lists networks, photographs, samples, layouts, atlases and jobs of a project, and their sizes.')
    .argument('<project>', 'project file')
    .action(
      run(Given, async ({ project }) => {
        using db = openProject(project, { mode: 'read' })
        const info = projectInfo(db)
        const states = await modelStates(db)
        return { json: asJson({ ...info, modelNotes: states }), text: () => described(info, states) }
      }),
    )

function described(info: ProjectInfo, states: readonly { readonly hash: string; readonly note: string }[]): string {
  const { file, bytes, created, createdBy, writer, models, folders, sets, atlases, icons, jobs, tables } = info
  const inUse = writer ? [`being written by ${writer.command} (process ${writer.pid} on ${writer.host})`] : []
  return [
    [`${file}: ${megabytes(bytes)}, created ${new Date(created).toISOString()} by ${createdBy}`, ...inUse].join('\n'),
    part(
      'networks',
      models.map(({ name, hash, file }) => [name, `${hash.slice(0, 12)}…`, file]),
    ),
    part(
      'changed since',
      states.map(({ hash, note }) => [`${hash.slice(0, 12)}…`, note]),
    ),
    part(
      'photographs',
      folders.map(({ name, path, readable, unreadable }) => [
        name,
        `${grouped(readable)} photographs`,
        unreadable > 0 ? `${grouped(unreadable)} unreadable` : '',
        path ?? 'not available: stored by number only',
      ]),
    ),
    ...sets.map(({ id, n, perImage, seed, finished, matrices }) => {
      const layers = matrices.filter(({ kind }) => kind === 'activation').map(({ layer }) => layer)
      const truncated = matrices.find(({ kept }) => kept !== null)?.kept
      return [
        `samples, set ${id}: ${grouped(n)}${finished === null ? ' (not finished)' : ''}, up to ${perImage} per photograph, seed ${seed}`,
        `  at ${layers.join(', ')}`,
        ...(truncated ? [`  attributions truncated to the ${truncated} strongest of each sign`] : []),
      ].join('\n')
    }),
    part(
      'layouts',
      sets.flatMap(({ layouts }) =>
        layouts.map(({ layer, name, trustworthiness }) => [
          layer,
          name,
          trustworthiness === null ? '' : `trustworthiness ${trustworthiness.toFixed(2)}`,
        ]),
      ),
    ),
    part(
      'atlases',
      atlases.flatMap(({ name, key, finished, grids }) =>
        grids.map(({ grid, shown, samples }) => [
          name,
          `${grid} × ${grid}`,
          `${grouped(shown)} of ${grouped(samples)} samples shown`,
          finished === null ? 'not finished' : '',
          key.slice(0, 12),
        ]),
      ),
    ),
    part(
      'icons',
      icons.map(({ status, icons }) => [status, grouped(icons)]),
    ),
    part(
      'jobs',
      jobs.map(({ state, jobs }) => [state, grouped(jobs)]),
    ),
    part(
      'tables',
      tables.map(({ table, rows, bytes }) => [table, `${grouped(rows)} rows`, megabytes(bytes)]),
    ),
  ]
    .filter(text => text !== '')
    .join('\n\n')
}

const part = (title: string, rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : `${title}\n${table(rows.map(([first, ...others]) => [`  ${first}`, ...others]))}`
