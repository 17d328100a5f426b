import type { Credit } from '../../contract/credit.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

const select = query<{ image: string }, Credit>(`
  SELECT title, author, source, license, changes FROM credits WHERE image = @image
`)
const upsert = command<Credit & { readonly image: string }>(`
  INSERT OR REPLACE INTO credits (image, title, author, source, license, changes)
  VALUES (@image, @title, @author, @source, @license, @changes)
`)
const selectLicenses = query<{ folder: number }, { license: string; images: number }>(`
  SELECT license, count(*) AS images FROM images JOIN credits ON credits.image = images.hash
  WHERE folder = @folder AND current = 1 AND status = 'ok' GROUP BY license ORDER BY images DESC, license
`)

/** The credit of a photograph; null without an entry in ATTRIBUTION.csv. @param image its row in `images` */
export const creditOf = (db: Readable, { hash }: { readonly hash?: string }): Credit | null =>
  (hash && db.one(select, { image: hash })) || null

/** Stores the credit of a photograph, by its bytes. @param hash SHA-256 of its file */
export const putCredit = (db: Writable, hash: string, credit: Credit): void =>
  void db.run(upsert, { image: hash, ...credit })

/** The licences of the photographs of a folder, the commonest first. */
export const licensesOf = (
  db: Readable,
  folder: number,
): readonly { readonly license: string; readonly images: number }[] => db.all(selectLicenses, { folder })
