import { z } from 'zod'
import { fromJson, stored, toJson } from './json.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

const Top = z.array(z.int())

const select = query<{ classifier: string }, { image: string; top: string }>(`
  SELECT image, top FROM predictions WHERE classifier = @classifier
`)
const insert = command<{ classifier: string; image: string; top: string }>(`
  INSERT OR REPLACE INTO predictions (classifier, image, top) VALUES (@classifier, @image, @top)
`)

/**
 * Stored predictions for photographs (table `predictions`): class indices, the strongest first, by the hash of the file.
 * @param classifier content key of model and preprocessing
 */
export const storedPredictions = (db: Readable, classifier: string): Map<string, readonly number[]> =>
  new Map(
    db
      .all(select, { classifier })
      .map(({ image, top }) => [image, stored(Top, fromJson(top), 'the predictions for a photograph')]),
  )

export const storePredictions = (
  db: Writable,
  classifier: string,
  predictions: readonly { readonly image: string; readonly top: readonly number[] }[],
): void =>
  db.write(() => {
    for (const { image, top } of predictions) db.run(insert, { classifier, image, top: toJson(top) })
  })
