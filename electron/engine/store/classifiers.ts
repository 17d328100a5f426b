import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A network with the preprocessing and logits that atlases and experiments were computed with. */
export interface ClassifierRecord {
  /** See `classifierKey`. */
  readonly key: string
  /** Hash of the network. */
  readonly model: string
  readonly input: Json
  /** Tensor. */
  readonly logits: string
  /** The value of the sidecar; null without one. */
  readonly probabilities: string | null
  /** Its layers, with the names of its latest description. */
  readonly layers: Json
  /** Labels of the classes; null where an early version did not store them. */
  readonly labels: Json
}

type Row = Omit<ClassifierRecord, 'input' | 'layers' | 'labels'> & {
  readonly input: string
  readonly layers: string
  readonly labels: string | null
}

const columns = 'key, model, input, logits, probabilities, layers, labels'
const selectOne = query<{ key: string }, Row>(`SELECT ${columns} FROM classifiers WHERE key = @key`)
/** Classifiers that a result refers to. */
const selectUsed = query<{ model: string }, Row>(`
  SELECT ${columns} FROM classifiers WHERE model = @model AND (
    EXISTS (SELECT 1 FROM atlases WHERE classifier = classifiers.key)
    OR EXISTS (SELECT 1 FROM experiment_models WHERE classifier = classifiers.key)
  ) ORDER BY key
`)
const selectAll = query<None, Row>(`SELECT ${columns} FROM classifiers ORDER BY key`)
const upsert = command<Row>(`
  INSERT INTO classifiers (key, model, input, logits, probabilities, layers, labels)
  VALUES (@key, @model, @input, @logits, @probabilities, @layers, @labels)
  ON CONFLICT (key) DO UPDATE SET layers = @layers, labels = @labels
`)

const record = (row: Row): ClassifierRecord => ({
  ...row,
  input: fromJson(row.input),
  layers: fromJson(row.layers),
  labels: row.labels === null ? null : fromJson(row.labels),
})

export const findClassifier = (db: Readable, key: string): ClassifierRecord | undefined => {
  const row = db.one(selectOne, { key })
  return row && record(row)
}

export const listClassifiers = (db: Readable): ClassifierRecord[] => db.all(selectAll, {}).map(record)

/** Classifiers of a model that an atlas or an experiment was computed with. */
export const usedClassifiers = (db: Readable, model: string): ClassifierRecord[] =>
  db.all(selectUsed, { model }).map(record)

/** Adds a classifier, or updates the names of its classes. */
export const putClassifier = (db: Writable, classifier: ClassifierRecord): void =>
  void db.run(upsert, {
    ...classifier,
    input: toJson(classifier.input),
    layers: toJson(classifier.layers),
    labels: classifier.labels === null ? null : toJson(classifier.labels),
  })
