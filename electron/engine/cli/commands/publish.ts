import { resolve } from 'node:path'
import { z } from 'zod'
import { reason, UserError } from '../../../contract/errors.ts'
import { type PublishChoice, photographsWarning } from '../../../contract/published.ts'
import { programName } from '../../files/version.ts'
import { decodeText, readTextFile } from '../../model/text-file.ts'
import { estimate } from '../../publish/estimate.ts'
import { requireReplaceable } from '../../publish/folder.ts'
import { publish } from '../../publish/publish.ts'
import type { PublishedSource } from '../../publish/source.ts'
import { OpenProjects } from '../../rpc/open-projects.ts'
import { sourceOf } from '../../rpc/publish.ts'
import { openProject } from '../../store/open.ts'
import { OpenProject } from '../../workspace/open-project.ts'
import type { DefineCommand } from '../command.ts'
import { withInference } from '../inference.ts'
import { flag, LIST_ESCAPE, list } from '../options.ts'
import { grouped, megabytes, table } from '../text.ts'

const Given = z.object({
  project: z.string(),
  out: z.string().optional(),
  title: z.string().optional(),
  authors: z.string().default(''),
  text: z.string().optional(),
  license: z.string().default(''),
  citation: z.string().default(''),
  layers: list.optional(),
  classAtlases: z.boolean().default(true),
  photographs: flag,
  estimate: flag,
})

/** `portolan publish PROJECT --out DIR` */
export const definePublish: DefineCommand = (command, run) =>
  command
    .description(
      'Writes atlases, class atlases and comparisons of a project as a web page: a folder for any web server, or to be ' +
        'opened by a double click on its index.html. The page needs no other host. It has no photographs without --photographs.',
    )
    .argument('<project>', 'project file')
    .option('--out <folder>', 'folder to write: new, empty, or published before (required without --estimate)')
    .option('--title <text>', 'title of the page (the name of the project by default)')
    .option('--authors <names>', 'authors')
    .option('--text <file>', 'text of the page, a file; paragraphs are separated by empty lines')
    .option('--license <text>', 'licence of the page')
    .option('--citation <text>', 'how the page is to be cited')
    .option('--layers <list>', `layers whose atlases are published (all by default); ${LIST_ESCAPE}`)
    .option('--no-class-atlases', 'leave out class atlases and comparisons')
    .option('--photographs', `include small photographs of each cell. ${photographsWarning}`)
    .option('--estimate', 'estimate the size of the page without writing it')
    .action(
      run(Given, async (given, session) => {
        const { project: file, out, photographs } = given
        if (out === undefined && !given.estimate)
          throw new UserError('portolan publish takes --out FOLDER, or --estimate', { exitCode: 2 })
        if (out !== undefined) await requireReplaceable(out)
        const text = {
          title: given.title ?? '',
          authors: given.authors,
          text: given.text === undefined ? '' : await textOf(given.text),
          license: given.license,
          citation: given.citation,
        }
        return withSource(file, async source => {
          const choice = { ...(await choiceOf(source, given)), photographs }
          if (photographs) session.note(photographsWarning)
          const title = text.title.trim() || source.summary().name
          if (given.estimate) {
            const { parts, ...sum } = await estimate(source, choice, session.signal)
            return {
              json: { ...sum, parts: parts.map(part => ({ ...part })) },
              text: () =>
                `about ${megabytes(sum.bytes)}\n${table(
                  parts.map(({ name, bytes }) => [`  ${name}`, megabytes(bytes)]),
                  [1],
                )}`,
            }
          }
          const { bytes, files } = await publish(source, {
            choice,
            text: { ...text, title },
            folder: out!,
            madeBy: programName(),
            ...session,
          })
          const index = resolve(out!, 'index.html')
          return {
            json: { page: index, bytes, files },
            text: () => `${index}: ${megabytes(bytes)} in ${grouped(files)} files`,
          }
        })
      }),
    )

async function textOf(file: string): Promise<string> {
  try {
    return decodeText(await readTextFile(file), file)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`cannot read ${file}: ${reason(error)}; name a text file with --text`, { cause: error })
  }
}

/** What a project replies to a window that may only look. */
const withSource = <T>(file: string, use: (source: PublishedSource) => Promise<T>): Promise<T> =>
  withInference({}, async inference => {
    const notify = (): void => {}
    const db = openProject(file, { mode: 'read' })
    const readOnly = 'the project was opened to be published'
    const project = new OpenProject({ file: resolve(file), db, writer: undefined, readOnly }, { inference, notify })
    const projects = new OpenProjects(notify, inference)
    try {
      return await use(sourceOf(project, { client: 0, projects, inference }))
    } finally {
      await project.close()
    }
  })

/** Atlases of the named layers, or all, with their finished class atlases and comparisons. */
async function choiceOf(
  { ask, project }: PublishedSource,
  { layers, classAtlases }: Pick<z.output<typeof Given>, 'layers' | 'classAtlases'>,
): Promise<Omit<PublishChoice, 'photographs'>> {
  const all = await ask('atlas.list', {})
  const missing = layers?.find(layer => !all.some(atlas => atlas.layer === layer))
  if (missing !== undefined)
    throw new UserError(
      `${project.file} has no atlas of ${missing}: it has atlases of ${[...new Set(all.map(({ layer }) => layer))].join(', ')}`,
      { exitCode: 2 },
    )
  const atlases = all.filter(({ layer }) => layers?.includes(layer) ?? true).map(({ id }) => id)
  if (atlases.length === 0) throw new UserError(`${project.file} has no atlas: build one with portolan atlas build`)
  const ofClasses = classAtlases ? await ask('classAtlas.list', {}) : []
  return {
    atlases,
    classAtlases: ofClasses
      .filter(({ stage, from }) => stage === 'refined' && from !== null && atlases.includes(from))
      .map(({ id }) => id),
  }
}
