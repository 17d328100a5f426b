import { contradictory } from './failures.ts'
import { brokenStability } from './layout-stability.ts'
import { pageRows } from './page-rows.ts'
import { type None, query, type Readable } from './sql.ts'

type Text = { readonly fault: string }

/**
 * Invariants beyond foreign keys that every part of Portolan relies on: sizes of blobs match their counts, cells are
 * inside their grids. Each query returns one row per violation. These read counts, sizes and keys only, and run whenever a
 * project is opened.
 */
const sizes = [
  query<None, Text>(`
    SELECT 'the project has no creation date' AS fault FROM (SELECT count(*) AS rows FROM project) WHERE rows <> 1
  `),
  query<None, Text>(`
    SELECT format('%s of %s has rows of %d bytes for %d values', kind, layer, row_bytes, coalesce(2 * kept, width))
      AS fault
    FROM matrices WHERE row_bytes <> iif(kept IS NULL, 2 * width, 8 * kept)
  `),
  query<None, Text>(`
    SELECT format('%s of %s has more rows (%d) than samples (%d)', kind, layer, matrices.n, sample_sets.n)
      AS fault
    FROM matrices JOIN sample_sets ON sample_sets.id = set_id WHERE matrices.n > sample_sets.n
  `),
  query<None, Text>(`
    SELECT format('%s of %s counts %d bytes and has %d', kind, layer, n * row_bytes, stored) AS fault FROM (
      SELECT kind, layer, n, row_bytes,
        (SELECT coalesce(sum(length(data)), 0) FROM matrix_pages WHERE matrix = id) +
        (SELECT coalesce(sum(length(data)), 0) FROM matrix_tails WHERE matrix = id) +
        (SELECT count(DISTINCT page) FROM attribution_columns WHERE matrix = id) * ${pageRows} * row_bytes AS stored
      FROM matrices)
    WHERE stored <> n * row_bytes
  `),
  query<None, Text>(`
    SELECT format('%s of %s has %d columns in %d pages of %d classes', kind, layer, columns, pages, width) AS fault
    FROM (
      SELECT matrix, count(*) AS columns, count(DISTINCT page) AS pages, min(class) AS first, max(class) AS last
      FROM attribution_columns GROUP BY matrix) JOIN matrices ON id = matrix
    WHERE columns <> pages * width OR first < 0 OR last >= width OR kind = 'activation'
  `),
  query<None, Text>(`
    SELECT format('%s of %s has pages numbered %d to %d', kind, layer, min(page), max(page)) AS fault
    FROM (
      SELECT matrix, page, length(data) AS bytes FROM matrix_pages
      UNION ALL SELECT DISTINCT matrix, page, NULL FROM attribution_columns)
    JOIN matrices ON matrices.id = matrix GROUP BY matrix
    HAVING min(page) <> 0 OR max(page) <> count(*) - 1 OR count(DISTINCT page) <> count(*)
      OR min(bytes) <> ${pageRows} * row_bytes OR max(bytes) <> ${pageRows} * row_bytes
  `),
  query<None, Text>(`
    SELECT format('%s of %s continues at row %d after row %d', kind, layer, start, before) AS fault
    FROM (
      SELECT matrix, start, "count", length(data) AS bytes,
        coalesce(
          lag(start + "count") OVER (PARTITION BY matrix ORDER BY start),
          ${pageRows} * (
            (SELECT count(*) FROM matrix_pages AS pages WHERE pages.matrix = tails.matrix) +
            (SELECT count(DISTINCT page) FROM attribution_columns AS pages WHERE pages.matrix = tails.matrix))) AS before
      FROM matrix_tails AS tails)
    JOIN matrices ON matrices.id = matrix
    WHERE start <> before OR bytes <> "count" * row_bytes
  `),
  query<None, Text>(`
    SELECT format('second moments of %s are of %d channels and have %d bytes', tensor, channels, length(data)) AS fault
    FROM moments WHERE length(data) <> 8 * channels * channels OR length(sums) <> 8 * channels
  `),
  query<None, Text>(`
    SELECT format('second moments of %s are of %d channels, its activations of %d', moments.tensor, channels, width)
      AS fault
    FROM moments JOIN matrices USING (set_id, tensor) WHERE kind = 'activation' AND channels <> width
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
    SELECT format('layout %s is of %d samples, its set has %d', layouts.name, layouts.n, sample_sets.n) AS fault
    FROM layouts JOIN sample_sets ON sample_sets.id = set_id WHERE layouts.n > sample_sets.n
  `),
  query<None, Text>(`
    SELECT format('layout %s counts %d samples, and its repeat of seed %d has %d bytes', name, n, layout_repeats.seed,
      length(layout_repeats.xy)) AS fault
    FROM layout_repeats JOIN layouts ON layouts.id = layout
    WHERE length(layout_repeats.xy) <> 8 * n OR layout_repeats.seed = layouts.seed
  `),
  query<None, Text>(`
    SELECT format('layout %s counts %d samples, its stability is of %d', name, n, length(kept)) AS fault
    FROM layout_stability JOIN layouts ON layouts.id = layout WHERE length(kept) <> n
  `),
  query<None, Text>(`
    SELECT format('atlas %s has a layout of another layer or of other samples', atlases.name) AS fault
    FROM atlases JOIN layouts ON layouts.id = layout
    WHERE atlases.set_id <> layouts.set_id OR atlases.tensor <> layouts.tensor
  `),
  query<None, Text>(`
    SELECT format('atlas %s has no activations of its layer', name) AS fault FROM atlases
    WHERE NOT EXISTS (
      SELECT 1 FROM matrices
      WHERE set_id = atlases.set_id AND tensor = atlases.tensor AND kind = 'activation' AND classifier = '')
  `),
  query<None, Text>(`
    SELECT format('sample set %d counts %d samples and has %d', sample_sets.id, n, count(idx)) AS fault
    FROM sample_sets LEFT JOIN samples ON samples.set_id = sample_sets.id
    GROUP BY sample_sets.id HAVING n <> count(idx)
  `),
  query<None, Text>(`
    SELECT format('sample set %d has samples numbered %d to %d', set_id, min(idx), max(idx)) AS fault
    FROM samples GROUP BY set_id HAVING min(idx) <> 0 OR max(idx) <> count(*) - 1
  `),
  query<None, Text>(`
    SELECT format('%d cells of %d × %d are outside of their grid', count(*), grid, grid) AS fault
    FROM cells WHERE i >= grid OR j >= grid OR i < 0 OR j < 0 OR typeof(grid) <> 'integer' GROUP BY grid
  `),
]

/** Tables of few rows, whose references are checked whenever a project is opened. */
const referring = [
  ...['sample_sets', 'matrices', 'moments', 'layouts', 'layout_repeats', 'layout_stability', 'atlases', 'images'],
  ...['experiment_models', 'experiment_patches'],
]
const references = [
  ...referring.map(table =>
    query<None, Text>(`
      SELECT format('%d rows of %s refer to a missing row of %s', count(*), "table", parent) AS fault
      FROM pragma_foreign_key_check('${table}') GROUP BY "table", parent
    `),
  ),
  query<None, Text>(`
    SELECT format('samples of %d photographs refer to a missing row of images', count(*)) AS fault
    FROM (SELECT DISTINCT image FROM samples) WHERE image NOT IN (SELECT id FROM images) HAVING count(*) > 0
  `),
]

/** Invariants whose check reads many rows. */
const contents = [
  query<None, Text>(`
    SELECT format('activations of %s count %d rows for %d samples', layer, matrices.n, sample_sets.n) AS fault
    FROM matrices JOIN sample_sets ON sample_sets.id = set_id
    WHERE kind = 'activation' AND matrices.n <> sample_sets.n
  `),
  query<None, Text>(`
    SELECT format('%d columns of %s of %s have another length than %d samples', count(*), kind, layer, ${pageRows})
      AS fault
    FROM attribution_columns JOIN matrices ON id = matrix
    WHERE iif(kept IS NULL, length(data) <> 2 * ${pageRows}, length(data) % 6 <> 0 OR length(data) > 6 * ${pageRows})
    GROUP BY matrix
  `),
  query<None, Text>(`
    SELECT format('%d readable photographs have no hash or half a size', count(*)) AS fault FROM images
    WHERE status = 'ok' AND (hash IS NULL OR (width IS NULL) <> (height IS NULL)) HAVING count(*) > 0
  `),
  query<None, Text>(`
    SELECT format('%d cells of atlas %s have no direction of %d channels', count(*), atlases.name, width)
      AS fault
    FROM cells JOIN atlases ON atlases.id = atlas
      JOIN matrices ON matrices.set_id = atlases.set_id AND matrices.tensor = atlases.tensor AND kind = 'activation'
    WHERE length(direction) <> 4 * width OR (direction IS NULL AND icon IS NOT NULL) GROUP BY atlases.id
  `),
  query<None, Text>(`
    SELECT format('a cell of atlas %s is labelled with class %d, and the network has %d', name, label, classes)
      AS fault
    FROM (
      SELECT atlases.name, (SELECT max(label) FROM cells WHERE atlas = atlases.id) AS label,
        iif(json_valid(labels), json_array_length(labels), NULL) AS classes
      FROM atlases JOIN classifiers ON classifiers.key = atlases.classifier)
    WHERE label >= classes
  `),
  query<None, Text>(`
    SELECT format('finished atlas %s lacks %d icons', name, count(*)) AS fault
    FROM atlases JOIN cells ON cells.atlas = atlases.id
    WHERE finished IS NOT NULL AND icon IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM icons
      WHERE key = icon AND (NOT json_valid(preset) OR json_extract(preset, '$.draft') IS NULL))
    GROUP BY atlases.id
  `),
]

/** Violations of the invariants that are quick to check. */
const brokenSizes = (db: Readable): string[] => sizes.flatMap(each => db.all(each, {}).map(row => row.fault))

/** All violations. */
export const brokenPromises = (db: Readable): string[] => [
  ...contents.flatMap(each => db.all(each, {}).map(row => row.fault)),
  ...brokenSizes(db),
  ...brokenStability(db),
]

/**
 * Refuses a project whose counts, sizes and references contradict each other, before anything is computed from them.
 * @throws UserError with the first contradiction
 */
export const requireSizes = (db: Readable): void => {
  const [first, ...others] = [...references.flatMap(each => db.all(each, {}).map(row => row.fault)), ...brokenSizes(db)]
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more of the kind)`
  throw contradictory(db.file, `${first}${more}`)
}
