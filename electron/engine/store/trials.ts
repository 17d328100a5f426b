import { command, query, type Readable, type Writable } from './sql.ts'

/** One stored prediction of an experiment. `variant` −1: the photograph without a patch. */
export interface TrialRow {
  readonly image: number
  readonly variant: number
  readonly winner: number
  readonly winnerProbability: number
  readonly sourceProbability: number
  readonly targetProbability: number
  readonly sourceLogit: number
  readonly targetLogit: number
}

type Column = { readonly experiment: number; readonly model: number }

const columns = `image, variant, winner, winner_probability AS winnerProbability,
  source_probability AS sourceProbability, target_probability AS targetProbability, source_logit AS sourceLogit,
  target_logit AS targetLogit`
const insert = command<Column & TrialRow>(`
  INSERT INTO trials (experiment, model, image, variant, winner, winner_probability, source_probability,
    target_probability, source_logit, target_logit)
  VALUES (@experiment, @model, @image, @variant, @winner, @winnerProbability, @sourceProbability,
    @targetProbability, @sourceLogit, @targetLogit)
`)
const selectOfImage = query<Column & { readonly image: number }, TrialRow>(`
  SELECT ${columns} FROM trials WHERE experiment = @experiment AND model = @model AND image = @image ORDER BY variant
`)
const selectReached = query<Column, { image: number; reached: number }>(`
  SELECT image, max(variant) + 1 AS reached FROM trials WHERE experiment = @experiment AND model = @model GROUP BY image
`)
/** Only of photographs that still have a path: a replaced file is not part of a population. */
const present = `EXISTS (
  SELECT 1 FROM images AS tried JOIN images AS here ON here.hash = tried.hash AND here.current = 1
  WHERE tried.id = trials.image)`
const selectCount = query<{ experiment: number }, { trials: number }>(`
  SELECT count(*) AS trials FROM trials WHERE experiment = @experiment AND variant >= 0 AND ${present}
`)

interface TrialFilter {
  readonly experiment: number
  readonly model: number | null
  readonly image: number | null
  /** Variants of one patch: from, and below. */
  readonly from: number
  readonly below: number
  readonly flipped: number
}
const selected = `
  FROM trials
  JOIN trials AS before ON before.experiment = trials.experiment AND before.model = trials.model
    AND before.image = trials.image AND before.variant = -1
  JOIN experiment_models ON experiment_models.experiment = trials.experiment AND ordinal = trials.model
  WHERE trials.experiment = @experiment AND trials.variant >= @from AND trials.variant < @below AND ${present}
    AND (@model IS NULL OR trials.model = @model) AND (@image IS NULL OR trials.image = @image)
    AND (@flipped = 0 OR (before.winner = source AND trials.winner = target))`
/** As `logOdds` of contract/outcome.ts. */
const logOddsOf = (row: string): string =>
  `(ln(max(${row}.target_probability, 5e-324)) - ln(max(1 - ${row}.target_probability, ${2 ** -53})))`
const page = (order: string) =>
  query<TrialFilter & { readonly offset: number; readonly limit: number }, TrialRow & { readonly model: number }>(`
  SELECT trials.model, trials.image, trials.variant, trials.winner, trials.winner_probability AS winnerProbability,
    trials.source_probability AS sourceProbability, trials.target_probability AS targetProbability,
    trials.source_logit AS sourceLogit, trials.target_logit AS targetLogit ${selected}
  ORDER BY ${order} LIMIT @limit OFFSET @offset
`)
const pages = {
  flipped: page(
    `before.winner = source AND trials.winner = target DESC, before.winner = source AND trials.winner <> source DESC,
    trials.target_probability DESC, trials.model, trials.image, trials.variant`,
  ),
  photograph: page('trials.model, trials.image, trials.variant'),
  target: page('trials.target_probability DESC, trials.model, trials.image, trials.variant'),
  change: page(`${logOddsOf('trials')} - ${logOddsOf('before')} DESC, trials.model, trials.image, trials.variant`),
}
const selectTotal = query<TrialFilter, { total: number }>(`SELECT count(*) AS total ${selected}`)

/** Appends trials of one model: all of them or none. */
export const appendTrials = (db: Writable, column: Column, rows: readonly TrialRow[]): void =>
  db.write(() => {
    for (const row of rows) db.run(insert, { ...column, ...row })
  })

/** All trials of one photograph, the one without a patch first. */
export const trialsOfImage = (db: Readable, column: Column, image: number): TrialRow[] =>
  db.all(selectOfImage, { ...column, image })

/** The next variant of every started photograph: variants are appended in order. */
export const reachedVariants = (db: Readable, column: Column): Map<number, number> =>
  new Map(db.all(selectReached, column).map(({ image, reached }) => [image, reached]))

/** Number of classified compositions; photographs without a patch are not counted. */
export const countTrials = (db: Readable, experiment: number): number =>
  db.one(selectCount, { experiment })?.trials ?? 0

export const findTrials = (
  db: Readable,
  filter: TrialFilter,
  order: keyof typeof pages,
  offset: number,
  limit: number,
): { readonly total: number; readonly rows: (TrialRow & { readonly model: number })[] } =>
  db.snapshot(() => ({
    total: db.one(selectTotal, filter)?.total ?? 0,
    rows: db.all(pages[order], { ...filter, offset, limit }),
  }))
