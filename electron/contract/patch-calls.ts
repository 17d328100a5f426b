import { z } from 'zod'
import { call } from './call.ts'
import { ExperimentEstimate, ExperimentId, ExperimentPlan, ExperimentSummary } from './experiment.ts'
import { ExperimentFile, ExperimentResult, TrialQuery, Trials } from './experiment-result.ts'
import { JobId } from './jobs.ts'
import { Composed, ComposeInput, Movements, PatchOrder, PatchRecord, PatchSource, PictureFile } from './patch.ts'
import { Composition } from './placement.ts'
import { Suggestion, SuggestionPlan, SuggestionSummary } from './suggestion.ts'
import { Sweep, SweepId, SweepPlan, SweepSummary } from './sweep.ts'
import { AtlasId, ModelHash, PatchId } from './values.ts'

const nothing = z.object({}).readonly()
const done = z.object({}).readonly()
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const written = z.object({ bytes: z.int().min(0) }).readonly()
const experiment = z.object({ experiment: ExperimentId }).readonly()

/** The patch lab. Changes of patches, sweeps, experiments and suggestions are reported by `project.changed`. */
export const patchCalls = {
  /** The gallery, latest first; controls of experiments are not in it. */
  'patch.list': call(nothing, list(PatchRecord)),
  /** One patch, also a control of an experiment. */
  'patch.get': call(z.object({ patch: PatchId }).readonly(), PatchRecord),
  /** The same picture twice is one patch. */
  'patch.add': call(PatchSource, PatchRecord, given => (given.kind === 'file' ? [given.file] : [])),
  /** By inversion; `patches` have changed when it is there. */
  'patch.generate': call(PatchOrder, z.object({ job: JobId }).readonly()),
  'patch.rename': call(z.object({ patch: PatchId, name: z.string().min(1).max(200) }).readonly(), done),
  /** Takes it out of the gallery. Compositions and trials that have it keep it. */
  'patch.remove': call(z.object({ patch: PatchId }).readonly(), done),
  /**
   * Composes and classifies, for the editor. Of a window's calls the last one counts: an earlier one that has not been
   * started returns null.
   */
  'patch.compose': call(ComposeInput, Composed.nullable()),
  /** Where on the maps the units under the patches were, and where they are now. Null as in `patch.compose`. */
  'patch.moved': call(
    z
      .object({
        model: ModelHash,
        composition: Composition,
        atlases: z.array(AtlasId).min(1).max(9).readonly(),
      })
      .readonly(),
    list(Movements).nullable(),
  ),
  /** Writes the composition as a PNG. */
  'patch.export': call(
    PictureFile,
    written,
    () => [],
    given => [given.file],
  ),

  'sweep.list': call(nothing, list(SweepSummary)),
  'sweep.start': call(SweepPlan, z.object({ job: JobId, sweep: SweepId }).readonly()),
  /** What there is of it by now. */
  'sweep.get': call(z.object({ sweep: SweepId }).readonly(), Sweep),
  'sweep.remove': call(z.object({ sweep: SweepId }).readonly(), done),

  'experiment.list': call(nothing, list(ExperimentSummary)),
  'experiment.estimate': call(ExperimentPlan, ExperimentEstimate),
  /** The same plan twice is one experiment: it goes on where it stopped. */
  'experiment.start': call(ExperimentPlan, z.object({ job: JobId, experiment: ExperimentId }).readonly()),
  /** Of the trials there are: an unfinished experiment has results of the photographs done. */
  'experiment.result': call(experiment, ExperimentResult),
  'experiment.trials': call(TrialQuery, Trials),
  'experiment.remove': call(experiment, done),
  'experiment.export': call(
    ExperimentFile,
    written,
    () => [],
    given => [given.file],
  ),

  'suggestion.list': call(nothing, list(SuggestionSummary)),
  'suggestion.start': call(SuggestionPlan, z.object({ job: JobId, suggestion: ExperimentId }).readonly()),
  'suggestion.get': call(z.object({ suggestion: ExperimentId }).readonly(), Suggestion),
} as const
