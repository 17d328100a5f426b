import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { MAX_POSITIONS } from '../../../contract/build.ts'
import type { NetworkClaims } from '../../claims/claim.ts'
import { claimsDocument } from '../../claims/document.ts'
import { IMAGENET, kinds } from '../../claims/protocol.ts'
import { CLAIMS, type ClaimsJob, runClaims, usualLayers } from '../../claims/run.ts'
import { writeOutput } from '../../files/output.ts'
import { findImages } from '../../images/find.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import { findLayer } from '../../model/layers.ts'
import { loadClassifier } from '../../model/load.ts'
import { rememberFolders } from '../../photographs/named.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import { classifierKey, enterModel } from '../../registry/enter.ts'
import { openOrCreateProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { asJson } from '../json.ts'
import { missedSentence, requireSome } from '../missed.ts'
import { collected, LIST_ESCAPE, list, wholeNumber } from '../options.ts'
import { duration, table } from '../text.ts'

const Given = z.object({
  project: z.string(),
  model: z.array(z.string()).min(1),
  images: z.array(z.string()).min(1),
  patches: z.string().optional(),
  layers: list.pipe(z.array(z.string()).length(3, 'takes three layers: an early, a middle and a late one')).optional(),
  samples: wholeNumber(1),
  only: list.pipe(z.array(z.enum(kinds, `takes kinds of claims: ${kinds.join(', ')}`))).optional(),
  out: z.string(),
  ...onRuntime,
})

/** `portolan claims --model MODEL --images DIR…` */
export const defineClaims: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Tests the claims of the article Activation Atlas on networks with ImageNet’s classes, by a fixed protocol: each with its effect, interval, controls, number of photographs and verdict. Writes claims.md and claims.json. Samples, comparisons and experiments stay in a project; a second run continues where the first stopped.',
    )
    .argument('[project]', 'project file to create or to continue', 'claims.portolan')
    .requiredOption('--model <file...>', 'classifiers whose labels have ImageNet’s synsets')
    .requiredOption('--images <folder...>', 'folders of photographs')
    .option(
      '--patches <folder>',
      'pictures to paste, named baseball…, train… and noodles…, or in folders of these names (default: cut from the photographs)',
    )
    .option(
      '--layers <list>',
      `an early, a middle and a late layer (default: mixed3b,mixed4d,mixed5b); ${LIST_ESCAPE}`,
      collected,
    )
    .option('--samples <n>', `minimum number of samples (up to ${MAX_POSITIONS} positions per photograph)`, '10000')
    .option('--only <list>', `kinds of claims: ${kinds.join(', ')} (default: all); patches need no samples`, collected)
    .option('--out <folder>', 'folder of claims.md and claims.json', '.')
    .action(
      run(Given, async (given, session) => {
        const outputs = ['claims.md', 'claims.json'].map(name => join(given.out, name))
        const [page, data] = outputs as [string, string]
        await requireOutputs(outputs, { project: given.project, models: given.model, folders: given.images })
        const { images } = await findImages(given.images, session.signal)
        requireSome(
          images.length,
          `no photographs in ${given.images.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
        )
        const classifiers = await Promise.all(given.model.map(loadClassifier))
        const orders = classifiers.map((classifier): ClaimsJob => {
          const [early, middle, late] = given.layers?.map(name => findLayer(classifier, name).name) ?? []
          return {
            model: classifier.file,
            classifier: classifierKey(classifier),
            folders: given.images.map(folder => resolve(folder)),
            patches: given.patches === undefined ? null : resolve(given.patches),
            layers: given.layers ? { early: early!, middle: middle!, late: late! } : { ...usualLayers(classifier) },
            ...(given.only && { kinds: [...given.only] }),
            positionsPerImage: Math.min(MAX_POSITIONS, Math.ceil(given.samples / images.length)),
          }
        })
        using db = openOrCreateProject(given.project, { command: 'portolan claims' })
        rememberFolders(given.images)
        const start = performance.now()
        const networks: NetworkClaims[] = []
        for (const [k, classifier] of classifiers.entries()) {
          enterModel(db, classifier)
          const { result } = await withInference(given, async inference => {
            const runtime = await inference.runtimeFor(classifier, session)
            return runJob(
              db,
              CLAIMS,
              orders[k]!,
              job => runClaims(db, orders[k]!, IMAGENET, { classifier, runtime: withJobLog(runtime, job) }, job),
              session,
            )
          })
          networks.push(result)
        }
        const json = asJson({ protocol: IMAGENET, networks })
        await writeOutput(page, Buffer.from(claimsDocument(networks, IMAGENET, commandOf(given))))
        await writeOutput(data, Buffer.from(`${JSON.stringify(json, null, 2)}\n`))
        const seconds = (performance.now() - start) / 1000
        return {
          json: { ...json, files: outputs, seconds },
          text: () =>
            [
              ...networks.flatMap(({ name, claims }) => [
                name,
                table(
                  claims.map(({ verdict, statement, photographs }) => [
                    `  ${verdict}`,
                    statement,
                    `n = ${photographs}`,
                  ]),
                ),
              ]),
              `${outputs.join(', ')}, in ${duration(1000 * seconds)}`,
            ].join('\n'),
          incomplete: missedSentence(networks.flatMap(({ unreadable }) => unreadable)),
        }
      }),
    )

/** The command again, with the names of files and folders alone: a page is read elsewhere. */
function commandOf({ model, images, patches, layers, samples, only }: z.output<typeof Given>): string {
  const options = [
    ...['--model', ...model.map(file => basename(file))],
    ...['--images', ...images.map(folder => basename(resolve(folder)))],
    ...(patches === undefined ? [] : ['--patches', basename(resolve(patches))]),
    ...(layers === undefined ? [] : ['--layers', layers.join(',')]),
    ...['--samples', String(samples)],
    ...(only === undefined ? [] : ['--only', only.join(',')]),
  ]
  return `npm run claims -- ${options.map(word => (/[^\w.,/-]/.test(word) ? JSON.stringify(word) : word)).join(' ')}`
}
