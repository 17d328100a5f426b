import { z } from 'zod'
import { lookOf, lookText } from '../../../contract/placement.ts'
import { type Suggestion, SuggestionPlan } from '../../../contract/suggestion.ts'
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
import { wholeNumber } from '../options.ts'
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
  noise: wholeNumber(1, 200).optional(),
  png: z.string().optional(),
  ...onRuntime,
  ...trials,
})

/** `portolan patch suggest PROJECT --model M --source CLASS --target CLASS` */
export const definePatchSuggest: DefineCommand = (command, run) =>
  withThreads(withTrials(command))
    .description(
      'Creates candidate patches from the cells that separate two classes in a project’s atlases: icons, crops of their photographs, photographs of other classes. All are ranked on one half of the photographs; the best is reported on the held-out half, compared with the best noise and corrected for the number of candidates.',
    )
    .argument('<project>', 'project file, with an atlas of the model')
    .requiredOption('--model <file>', 'the classifier')
    .option(
      '--cells <cell...>',
      'cells ATLAS/GRID/ROW,COLUMN, such as a comparison ranks (default: those with the largest difference of attribution)',
    )
    .option('--candidates <n>', 'maximum number of candidates', '40')
    .option('--noise <n>', 'number of noise patches (default: the number of candidates)')
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
          noise: given.noise ?? given.candidates,
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
  { plan, candidates, verdict, photographs, reportedOn, illustration }: Suggestion,
  seconds: number,
): string {
  const lines = [
    `${candidates.length} candidates tried on ${photographs} photographs${illustration ? ' (an illustration: fewer than 20)' : ''}; ranked on ${photographs - reportedOn} of them:`,
    `  look: ${lookText(plan.look)}`,
    table(
      candidates
        .slice(0, SHOWN)
        .map(({ origin, chosen, changeChosen }) => [
          `  ${changeChosen.toFixed(2)}`,
          `size ${chosen.size} at ${chosen.x}, ${chosen.y}`,
          origin,
        ]),
      [0],
    ),
  ]
  if (verdict) {
    const { best, change, bestControl, difference, holds, tried } = verdict
    lines.push(
      `on the ${reportedOn} held-out, corrected for ${tried} candidates: ${best.origin} changes logit(target) − logit(source) by ${estimated(change)}`,
      `the best noise: ${estimated(bestControl.change)}; candidate minus noise: ${estimated(difference)}`,
      holds
        ? 'confirmed on held-out photographs: the lower bound is above the effect of the best noise'
        : 'not confirmed on held-out photographs: the lower bound is not above the effect of the best noise',
    )
  }
  return [...lines, `in ${duration(1000 * seconds)}`].join('\n')
}
