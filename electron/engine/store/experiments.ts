import type { PatchGroup } from '../../contract/experiment-result.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

type ExperimentKind = 'experiment' | 'suggestion'

export interface ExperimentRecord {
  readonly id: number
  readonly kind: ExperimentKind
  readonly plan: Json
  readonly created: number
  readonly finished: number | null
  readonly outcome: Json
}

/** A model's column of an experiment. The last three are null until its population is selected. */
export interface ExperimentModel {
  readonly ordinal: number
  readonly model: string
  /** Key of the classifier; null where an earlier version did not store it. */
  readonly classifier: string | null
  readonly source: number
  readonly target: number
  readonly considered: number | null
  readonly unreadable: number | null
  readonly population: number | null
}

interface ExperimentPatch {
  readonly ordinal: number
  readonly patch: number
  readonly group: PatchGroup
  readonly note: Json
}

type Row = Omit<ExperimentRecord, 'plan' | 'outcome'> & { readonly plan: string; readonly outcome: string | null }
type Id = { readonly id: number }

const columns = 'id, kind, plan, created, finished, outcome'
const selectKind = query<{ kind: string }, Row>(
  `SELECT ${columns} FROM experiments WHERE kind = @kind ORDER BY id DESC`,
)
const selectOne = query<Id, Row>(`SELECT ${columns} FROM experiments WHERE id = @id`)
const selectByKey = query<{ key: string }, Row>(`SELECT ${columns} FROM experiments WHERE key = @key`)
const insertExperiment = command<{ key: string; kind: string; plan: string; now: number }>(`
  INSERT INTO experiments (key, kind, plan, created) VALUES (@key, @kind, @plan, @now)
`)
const finish = command<Id & { now: number; outcome: string | null }>(`
  UPDATE experiments SET finished = @now, outcome = @outcome WHERE id = @id
`)
const deleteExperiment = command<Id>('DELETE FROM experiments WHERE id = @id')
const selectModels = query<Id, ExperimentModel>(`
  SELECT ordinal, model, classifier, source, target, considered, unreadable, population FROM experiment_models
  WHERE experiment = @id ORDER BY ordinal
`)
const insertModel = command<
  Id & { ordinal: number; model: string; classifier: string; source: number; target: number }
>(`
  INSERT INTO experiment_models (experiment, ordinal, model, classifier, source, target)
  VALUES (@id, @ordinal, @model, @classifier, @source, @target)
`)
const updatePopulation = command<Id & { ordinal: number; considered: number; unreadable: number; population: number }>(`
  UPDATE experiment_models SET considered = @considered, unreadable = @unreadable, population = @population
  WHERE experiment = @id AND ordinal = @ordinal
`)
const selectPatches = query<Id, { ordinal: number; patch: number; grp: PatchGroup; note: string | null }>(`
  SELECT ordinal, patch, grp, note FROM experiment_patches WHERE experiment = @id ORDER BY ordinal
`)
const insertPatch = command<Id & { ordinal: number; patch: number; grp: string; note: string | null }>(`
  INSERT INTO experiment_patches (experiment, ordinal, patch, grp, note) VALUES (@id, @ordinal, @patch, @grp, @note)
`)

const record = (row: Row): ExperimentRecord => ({
  ...row,
  plan: fromJson(row.plan),
  outcome: row.outcome === null ? null : fromJson(row.outcome),
})

/** Latest first. */
export const listExperiments = (db: Readable, kind: ExperimentKind): ExperimentRecord[] =>
  db.all(selectKind, { kind }).map(record)

export const findExperiment = (db: Readable, id: number): ExperimentRecord | undefined => {
  const row = db.one(selectOne, { id })
  return row && record(row)
}

/** Finds the experiment of a key, or creates it. */
export const putExperiment = (
  db: Writable,
  order: {
    readonly key: string
    readonly kind: ExperimentKind
    readonly plan: Json
    readonly models: readonly Pick<
      ExperimentModel & { classifier: string },
      'model' | 'classifier' | 'source' | 'target'
    >[]
    readonly now: number
  },
): ExperimentRecord =>
  db.write(() => {
    const known = db.one(selectByKey, { key: order.key })
    if (known) return record(known)
    const id = db.insert(insertExperiment, { ...order, plan: toJson(order.plan) })
    for (const [ordinal, model] of order.models.entries()) db.run(insertModel, { ...model, id, ordinal })
    return findExperiment(db, id)!
  })

export const finishExperiment = (db: Writable, id: number, now: number, outcome: Json = null): void =>
  void db.run(finish, { id, now, outcome: outcome === null ? null : toJson(outcome) })

/** With all of its trials. Patches stay. */
export const removeExperiment = (db: Writable, id: number): void => void db.run(deleteExperiment, { id })

export const experimentModels = (db: Readable, id: number): ExperimentModel[] => db.all(selectModels, { id })

export const putPopulation = (
  db: Writable,
  id: number,
  ordinal: number,
  counts: { readonly considered: number; readonly unreadable: number; readonly population: number },
): void => void db.run(updatePopulation, { id, ordinal, ...counts })

export const experimentPatches = (db: Readable, id: number): ExperimentPatch[] =>
  db.all(selectPatches, { id }).map(({ grp, note, ...row }) => ({
    ...row,
    group: grp,
    note: note === null ? null : fromJson(note),
  }))

export const putExperimentPatches = (
  db: Writable,
  id: number,
  patches: readonly Omit<ExperimentPatch, 'ordinal'>[],
): void =>
  db.write(() => {
    for (const [ordinal, { patch, group, note }] of patches.entries())
      db.run(insertPatch, { id, ordinal, patch, grp: group, note: note === null ? null : toJson(note) })
  })
