import { reason, UserError } from '../../contract/errors.ts'
import { openProject } from './open.ts'
import { type None, query, type Readable } from './sql.ts'

/** What is wrong with a project; nothing when `faults` is empty. */
export interface CheckResult {
  readonly file: string
  readonly faults: readonly string[]
}

type Text = { readonly fault: string }

const quickCheck = query<None, { result: string }>('SELECT quick_check AS result FROM pragma_quick_check')
const danglingReferences = query<None, Text>(`
  SELECT format('%d rows of %s refer to a missing row of %s', count(*), "table", parent) AS fault
  FROM pragma_foreign_key_check GROUP BY "table", parent
`)
/** Promises that no foreign key states. Each query gives one row per broken one. */
const promises = [
  query<None, Text>(`
    SELECT format('sample set %d counts %d samples and has %d', sample_sets.id, n, count(idx)) AS fault
    FROM sample_sets LEFT JOIN samples ON samples.set_id = sample_sets.id
    GROUP BY sample_sets.id HAVING n <> count(idx)
  `),
  query<None, Text>(`
    SELECT format('activations of %s count %d rows for %d samples', layer, matrices.n, sample_sets.n) AS fault
    FROM matrices JOIN sample_sets ON sample_sets.id = set_id
    WHERE kind = 'activation' AND matrices.n <> sample_sets.n
  `),
  query<None, Text>(`
    SELECT format('%s of %s has more rows (%d) than there are samples (%d)', kind, layer, matrices.n, sample_sets.n)
      AS fault
    FROM matrices JOIN sample_sets ON sample_sets.id = set_id WHERE matrices.n > sample_sets.n
  `),
  query<None, Text>(`
    SELECT format('%s of %s counts %d bytes and has %d', kind, layer, n * row_bytes, stored) AS fault FROM (
      SELECT kind, layer, n, row_bytes,
        (SELECT coalesce(sum(length(data)), 0) FROM matrix_pages WHERE matrix = id) +
        (SELECT coalesce(sum(length(data)), 0) FROM matrix_tails WHERE matrix = id) AS stored
      FROM matrices)
    WHERE stored <> n * row_bytes
  `),
  query<None, Text>(`
    SELECT format('layout %s counts %d samples and has %d bytes', name, n, length(xy)) AS fault
    FROM layouts WHERE length(xy) <> 8 * n
  `),
  query<None, Text>(`
    SELECT format('layout %s counts %d samples and names %d', name, n, length(samples) / 4) AS fault
    FROM layouts WHERE length(samples) <> 4 * n
  `),
  query<None, Text>(`
    SELECT format('finished atlas %s lacks %d icons', name, count(*)) AS fault
    FROM atlases JOIN cells ON cells.atlas = atlases.id
    WHERE finished IS NOT NULL AND icon IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM icons WHERE key = icon AND json_extract(preset, '$.draft') IS NULL)
    GROUP BY atlases.id
  `),
]

/**
 * Reads the whole file: the structure of the database, references between rows, and what the counts promise.
 * @throws UserError when the file is not a project that this Portolan can open
 */
export const checkProject = (file: string): CheckResult => {
  using db = openProject(file, { mode: 'read' })
  try {
    return { file: db.file, faults: db.snapshot(() => faults(db)) }
  } catch (error) {
    // The file is so damaged that it can't be read to the end.
    if (error instanceof UserError) return { file: db.file, faults: [reason(error)] }
    throw error
  }
}

const faults = (db: Readable): string[] => {
  const structure = db.all(quickCheck, {}).filter(row => row.result !== 'ok')
  // Where the structure is broken, counting rows would only repeat it in other words.
  if (structure.length > 0) return structure.map(row => row.result)
  return [danglingReferences, ...promises].flatMap(each => db.all(each, {}).map(row => row.fault))
}
