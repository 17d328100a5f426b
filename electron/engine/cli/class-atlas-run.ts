import type { Command } from 'commander'
import { z } from 'zod'
import { defaultGrids, defaultMinSamples, ENOUGH_SHOWN } from '../../contract/class-atlas.ts'
import { defaultFilter, type SampleFilter } from '../../contract/class-selection.ts'
import { PresetNameSchema } from '../../contract/inversion.ts'
import { type BuiltClassAtlas, buildClassAtlas } from '../class-atlas/build.ts'
import { CLASS_ATLAS, type ClassAtlasJob, type ClassAtlasParams, COMPARISON } from '../class-atlas/order.ts'
import type { Source } from '../class-atlas/source.ts'
import { type JobResult, runJob } from '../jobs/run.ts'
import { withJobLog } from '../jobs/runtime-log.ts'
import type { Classifier, Label } from '../model/classifier.ts'
import { fileNameOf } from '../model/labels.ts'
import { layerAt, layerFileName } from '../model/layers.ts'
import { photographFolders, requireOutputs } from '../photographs/outputs.ts'
import { classifierKey } from '../registry/enter.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { openProject } from '../store/open.ts'
import { imagesOfSet, type SampleSet, sampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import { chosenAtlas, classifierOf } from './chosen-atlas.ts'
import type { Session } from './command.ts'
import { onRuntime, withProjectClassifier, withThreads } from './inference.ts'
import { choice, collected, numbers, wholeNumber } from './options.ts'

/** Options of class atlases and comparisons, and their schemas. */
export const classAtlasOptions = {
  project: z.string(),
  layer: z.string(),
  rank: wholeNumber(1, 65_536).optional(),
  magnitude: wholeNumber(1).optional(),
  sign: choice(['positive', 'negative']),
  grid: numbers(wholeNumber(1, 320)).optional(),
  minSamples: wholeNumber(1, 10_000).optional(),
  layoutSeed: wholeNumber(0),
  preset: choice(PresetNameSchema.options).optional(),
  steps: wholeNumber(1, 16_384).optional(),
  atlas: z.string().optional(),
  model: z.string().optional(),
  /** `true` without a name: the picture is named after the classes. */
  png: z.union([z.string(), z.literal(true)]).optional(),
  ...onRuntime,
}
type GivenClassAtlas = z.output<z.ZodObject<typeof classAtlasOptions>>

export const withClassAtlasOptions = (command: Command, kind: keyof typeof defaultGrids): Command =>
  withThreads(command)
    .argument('<project>', 'project file with an atlas of the layer')
    .requiredOption('--layer <layer>', 'a layer, such as mixed4d')
    .option(
      '--rank <k>',
      'samples with the class among the k largest attributions (default 1, or none with --magnitude alone)',
    )
    .option('--magnitude <n>', 'the n samples with the largest attribution (default 1 % of all, clamped to 200–3,000)')
    .option('--sign <sign>', 'sign of the attribution: positive or negative', 'positive')
    .option(
      '--grid <list>',
      kind === 'class'
        ? `cells per edge, such as 8,16 (default: ${defaultGrids.class[0]})`
        : 'cells per edge, such as 5,10 (default: by the number of photographs, so that cells have enough for an interval; at most 10)',
      collected,
    )
    .option(
      '--min-samples <n>',
      `hide cells with fewer samples (default: ${defaultMinSamples}, or fewer where the coarsest grid would show less than ${100 * ENOUGH_SHOWN} % of the samples)`,
    )
    .option('--layout-seed <n>', 'seed of the layout', '0')
    .option('--preset <name>', "inversion preset of new icons (the full atlas's by default)")
    .option('--steps <n>', "optimisation steps of new icons (the preset's by default)")
    .option(
      '--atlas <name>',
      'name or key of the full atlas, if the layer has several (listed by portolan project info)',
    )
    .option('--model <file>', 'new path of the model, if it was moved')
    .option('--png [file]', 'picture to write (named after the classes by default)')

/** Both filters unless the options select one. @param samples of the layer */
export const filterOf = ({ rank, magnitude, sign }: GivenClassAtlas, samples: number): SampleFilter =>
  rank === undefined && magnitude === undefined
    ? { ...defaultFilter(samples), sign }
    : { rank: rank ?? null, magnitude: magnitude ?? null, sign }

/** The parameters that class atlases and comparisons share. */
export const commonOf = (given: GivenClassAtlas, set: SampleSet, grids: readonly number[]) => ({
  filter: filterOf(given, set.n),
  grids,
  minSamples: given.minSamples ?? ('auto' as const),
  layoutSeed: given.layoutSeed,
  preset: given.preset ?? null,
  steps: given.steps ?? null,
})

/** The samples of an atlas, with the number of their photographs. */
interface SampledSet extends SampleSet {
  readonly photographs: number
}

export interface RunClassAtlas {
  readonly db: Writable
  readonly classifier: Classifier
  readonly source: Source
  readonly base: AtlasRecord
  readonly params: ClassAtlasParams
  readonly build: JobResult<BuiltClassAtlas>
}

/**
 * Builds or reuses the atlas that the options describe, and passes it to `use` while the project is open.
 * @param command shown to other processes as the project's writer
 * @param plan    returns the parameters from the classifier's labels and the samples
 */
export async function withClassAtlas<T>(
  command: string,
  given: GivenClassAtlas,
  session: Session,
  plan: (classifier: Classifier, base: AtlasRecord, set: SampledSet) => ClassAtlasParams,
  use: (run: RunClassAtlas) => Promise<T>,
): Promise<T> {
  // Checked before the project is opened for writing, and again when the names of the files are known.
  if (typeof given.png === 'string')
    await requireOutputs(picturesOf(given, given.grid ?? [0], [], ''), { project: given.project })
  using db = openProject(given.project, { mode: 'write', who: { command } })
  const base = chosenAtlas(db, given.layer, given.atlas, session.note)
  const set = sampleSet(db, base.set)!
  // Awaited here: the project is open until then.
  return await withProjectClassifier(db, classifierOf(db, base), given, session, async (classifier, runtime) => {
    const params = plan(classifier, base, { ...set, photographs: imagesOfSet(db, set.id).size })
    const classes = params.kind === 'class' ? [params.class] : [params.left, params.right]
    const labels = classes.map(index => classifier.labels[index]!)
    await requireOutputs(picturesOf(given, params.grids, labels, base.layer), {
      project: given.project,
      models: [classifier.file],
      folders: photographFolders(db),
    })
    const order: ClassAtlasJob = {
      model: classifier.file,
      classifier: classifierKey(classifier),
      samples: set.key,
      base: base.key,
      params,
    }
    const kind = params.kind === 'class' ? CLASS_ATLAS : COMPARISON
    const build = await runJob(
      db,
      kind,
      JSON.parse(JSON.stringify(order)),
      job => buildClassAtlas(db, order, { classifier, runtime: withJobLog(runtime, job) }, job),
      session,
    )
    const layer = layerAt(classifier, base.tensor, base.layer)
    const source: Source = { db, set: set.id, classifier, layer, attribution: base.attribution, runtime }
    return use({ db, classifier, source, base, params, build })
  })
}

const picturesOf = (
  { png }: GivenClassAtlas,
  grids: readonly number[],
  classes: readonly Label[],
  layer: string,
): string[] => (png === undefined ? [] : grids.map(each => pictureFile(png, classes, layer, each, grids.length > 1)))

/**
 * `fireboat-554-mixed4d.png`; with several grids one picture each, `fireboat-554-mixed4d-16.png`. Names of distinct
 * classes and layers are distinct.
 */
export function pictureFile(
  png: string | true,
  classes: readonly Label[],
  layer: string,
  grid: number,
  several: boolean,
): string {
  const defaultName = `${[...classes.map(fileNameOf), layerFileName(layer)].join('-')}.png`
  const file = png === true ? defaultName : png
  return several ? file.replace(/(\.png)?$/i, `-${grid}.png`) : file
}
