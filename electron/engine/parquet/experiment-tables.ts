import type { Trial } from '../../contract/experiment-result.ts'
import { allTrials } from '../patch/experiment/trials.ts'
import { type ExperimentRecord, listExperiments } from '../store/experiments.ts'
import type { Readable } from '../store/sql.ts'
import { columnsOf, type Table, table } from './table.ts'

/** Experiments and suggestions with patches, and their trials. */
export const experimentTables = (db: Readable): Readonly<Record<string, Table<never>>> => ({
  experiments: table(
    columnsOf<ExperimentRecord>(
      ['experiment', 'integer', ({ id }) => id],
      ['kind', 'text', ({ kind }) => kind],
      ['plan', 'json', ({ plan }) => plan],
      ['outcome', 'json?', ({ outcome }) => outcome],
      ['created', 'time', ({ created }) => created],
      ['finished', 'time?', ({ finished }) => finished],
    ),
    experimentsOf(db),
  ),
  trials: table(
    columnsOf<TrialRow>(
      ['experiment', 'integer', ({ experiment }) => experiment],
      ['network', 'text', ({ trial }) => trial.model],
      ['photograph', 'integer', ({ trial }) => trial.image],
      ['reported', 'boolean', ({ trial }) => trial.reported],
      ['patch', 'integer', ({ trial }) => trial.patch],
      ['patch_name', 'text', ({ trial }) => trial.patchName],
      ['group', 'text', ({ trial }) => trial.group],
      ['size', 'double', ({ trial }) => trial.size],
      ['x', 'double', ({ trial }) => trial.x],
      ['y', 'double', ({ trial }) => trial.y],
      ['placement', 'json', ({ trial }) => trial.composition.patches[0]],
      ['winner_before', 'integer', ({ trial }) => trial.winnerBefore],
      ['winner', 'integer', ({ trial }) => trial.winner],
      ['winner_probability', 'double', ({ trial }) => trial.winnerProbability],
      ['source_before', 'double', ({ trial }) => trial.sourceBefore],
      ['source_after', 'double', ({ trial }) => trial.sourceProbability],
      ['target_before', 'double', ({ trial }) => trial.targetBefore],
      ['target_after', 'double', ({ trial }) => trial.targetProbability],
      ['change_of_target_log_odds', 'double', ({ trial }) => trial.change],
      ['change_of_source_log_odds', 'double', ({ trial }) => trial.sourceChange],
    ),
    trialsOf(db),
  ),
})

interface TrialRow {
  readonly experiment: number
  readonly trial: Trial
}

const experimentsOf = (db: Readable): readonly ExperimentRecord[] =>
  (['experiment', 'suggestion'] as const).flatMap(kind => listExperiments(db, kind)).toSorted((a, b) => a.id - b.id)

function* trialsOf(db: Readable): Generator<TrialRow> {
  for (const { id: experiment } of experimentsOf(db))
    for (const trial of allTrials(db, experiment)) yield { experiment, trial }
}
