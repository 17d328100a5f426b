import { z } from 'zod'
import { OUTCOME } from '../../../contract/outcome.ts'
import { lookOf, lookText } from '../../../contract/placement.ts'
import { type Suggestion, SuggestionPlan, type SuggestionVerdict } from '../../../contract/suggestion.ts'
import type { CellRef } from '../../../contract/values.ts'
import { writeOutput } from '../../files/output.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import { findLabel } from '../../model/labels.ts'
import { loadClassifier } from '../../model/load.ts'
import { encodePatches } from '../../patch/patch-sheet.ts'
import { enterSuggestion, PATCH_SUGGEST, runSuggestion, suggestionOf } from '../../patch/suggest/suggest.ts'
import { photographFolders, requireOutputs } from '../../photographs/outputs.ts'
import { openProject } from '../../store/open.ts'
import { patchPicture } from '../../store/patches.ts'
import type { DefineCommand } from '../command.ts'
import { requirePlan, trials, withTrials } from '../experiment-options.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { asJson } from '../json.ts'
import { missedSentence } from '../missed.ts'
import { flag, wholeNumber } from '../options.ts'
import { overControlsText } from '../over-controls.ts'
import { duration, estimated, table } from '../text.ts'
import { foldersOf } from './patch-experiment.ts'

const cell = z
  .string()
  .regex(/^\d+\/\d+\/\d+,\d+$/, 'takes cells as ATLAS/GRID/ROW,COLUMN, such as 3/20/4,11')
  .transform((text): CellRef => {
    const [atlas, grid, i, j] = text.split(/[/,]/).map(Number)
    return { atlas: atlas!, grid: grid!, i: i!, j: j! }
  })

const Given = z.object({
  project: z.string(),
  model: z.string(),
  cells: z.array(cell).min(1).max(64).optional(),
  candidates: wholeNumber(1, 200),
  natural: wholeNumber(1, 50),
  targetCrops: flag,
  png: z.string().optional(),
  ...onRuntime,
  ...trials,
})

/** `portolan patch suggest PROJECT --model M --source CLASS --target CLASS` */
export const definePatchSuggest: DefineCommand = (command, run) =>
  withThreads(withTrials(command))
    .description(
      'Creates candidate patches from the cells that separate two classes in a project’s atlases: icons, crops of their photographs, photographs of other classes. All are ranked on one half of the photographs, by the lower bound of what they add to the target’s log-odds above their best control; the first few are tested on the held-out half, corrected for these few.',
    )
    .argument('<project>', 'project file, with an atlas of the model')
    .requiredOption('--model <file>', 'the classifier')
    .option(
      '--cells <cell...>',
      'cells ATLAS/GRID/ROW,COLUMN, such as a comparison ranks (default: of every layer those of the samples that favour the target most)',
    )
    .option('--candidates <n>', 'maximum number of candidates', '40')
    .option('--natural <n>', 'controls: regions of unrelated photographs of neither class', '8')
    .option('--target-crops', 'allow crops of photographs of the target class as candidates')
    .option('--png <file>', 'write all candidates on one sheet, the best first')
    .action(
      run(Given, async (given, session) => {
        await requireOutputs([given.png], {
          models: [given.model],
          project: given.project,
          folders: given.images ?? [],
        })
        const classifier = await loadClassifier(given.model)
        const { labels } = classifier
        using db = openProject(given.project, { mode: 'write', who: { command: 'portolan patch suggest' } })
        await requireOutputs([given.png], { folders: photographFolders(db) })
        const { folders, unreadable: leftOut } = await foldersOf(db, given.images, session)
        const plan = requirePlan(SuggestionPlan, {
          model: classifier.hash,
          source: findLabel(labels, given.source).index,
          target: findLabel(labels, given.target).index,
          population: given.population,
          folders,
          cells: given.cells ?? null,
          candidates: given.candidates,
          look: lookOf(given),
          sizes: [...given.sizes],
          positions: given.positions,
          noise: 0,
          natural: given.natural,
          ...(given.targetCrops && { targetCrops: true }),
          seed: given.seed,
          resamplings: given.resamplings,
        })
        const { id } = enterSuggestion(db, plan, classifier)
        // Awaited here: the project is open until then.
        return await withInference(given, async inference => {
          const runtime = await inference.runtimeFor(classifier, session)
          const { seconds, result: run } = await runJob(
            db,
            PATCH_SUGGEST,
            { suggestion: id },
            job => runSuggestion(db, id, withJobLog(runtime, job), job),
            session,
          )
          const found = suggestionOf(db, id)
          if (given.png !== undefined) {
            const pictures = found.candidates.map(({ patch }) => patchPicture(db, patch)!)
            await writeOutput(given.png, await encodePatches(pictures))
          }
          const unreadable = [...leftOut, ...run.unreadable]
          return {
            json: asJson({ ...found, unreadable, seconds }),
            text: () => resultText(found, seconds),
            incomplete: missedSentence(unreadable),
          }
        })
      }),
    )

const SHOWN = 12

function resultText(
  { plan, candidates, madeEarlier, verdict, photographs, reportedOn, illustration }: Suggestion,
  seconds: number,
): string {
  const lines = [
    `${candidates.length} candidates tried on ${photographs} photographs${illustration ? ' (an illustration: fewer than 20)' : ''}; ranked on ${photographs - reportedOn} of them by the lower bound of the ${OUTCOME} above the best control:`,
    ...(madeEarlier === null ? [] : [`  ${madeEarlier}`]),
    `  look: ${lookText(plan.look)}`,
    table(
      candidates
        .slice(0, SHOWN)
        .map(({ origin, chosen, lowerBound, changeChosen }) => [
          `  ${lowerBound.toFixed(2)}`,
          `change ${changeChosen.toFixed(2)}`,
          `size ${chosen.size} at ${chosen.x}, ${chosen.y}`,
          origin,
        ]),
      [0],
    ),
    ...(verdict === null ? [] : verdictLines(verdict)),
  ]
  return [...lines, `in ${duration(1000 * seconds)}`].join('\n')
}

function verdictLines({ outcome, tested, photographs, minimum, detectable }: SuggestionVerdict): string[] {
  const n = `${photographs} held-out photographs`
  const sentences = {
    holds: `on ${n} at least one candidate is above all of its controls`,
    'none holds': `none holds: on ${n} no candidate is above all of its controls`,
    'too few photographs': `too few photographs: ${photographs} held-out, and an interval needs at least ${minimum}: add photographs of the source class, or take those that have it among more classes (--population top10)`,
  }
  return [
    `tested on the held-out half, intervals corrected for ${tested.length}:`,
    ...tested.map(
      ({ candidate, effect, overControls, power }) =>
        `  ${candidate.origin}: ${OUTCOME} ${estimated(effect.change)}; ${overControlsText(overControls)}; power ${power.toFixed(2)}; source log-odds ${estimated(effect.sourceChange)}`,
    ),
    sentences[outcome],
    ...(detectable === null
      ? []
      : [`with this many photographs an effect of ${detectable.toFixed(2)} is detected with a power of 0.8`]),
  ]
}
