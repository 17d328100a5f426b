import { putColumns } from './attribution-columns.ts'
import type { Matrix } from './matrices.ts'
import { markedSum, rowSum } from './row-sum.ts'
import { command, type None, query, type Writable } from './sql.ts'

type Place = { readonly matrix: number; readonly page: number }
type Page = Pick<Matrix, 'id' | 'layer' | 'width' | 'kept'> & {
  readonly data: Uint8Array
  readonly sum: number | null
  readonly adopted: number
}

const selectPlaces = query<None, Place>(`
  SELECT matrix, page FROM matrix_pages JOIN matrices ON id = matrix WHERE kind <> 'activation' ORDER BY matrix, page
`)
const selectPage = query<Place, Page>(`
  SELECT id, layer, width, kept, data, sum, adopted
  FROM matrix_pages JOIN matrices ON id = matrix
    JOIN checksums ON relation = 'matrix_pages' AND part = matrix || ' ' || page
  WHERE matrix = @matrix AND page = @page
`)
const deletePage = command<Place>('DELETE FROM matrix_pages WHERE matrix = @matrix AND page = @page')
const selectSum = query<{ readonly part: string }, { sum: number }>(`
  SELECT sum FROM checksums WHERE relation = 'attribution_columns' AND part = @part
`)
const adopt = command<{ readonly part: string; readonly sum: number }>(`
  UPDATE checksums SET adopted = 1, sum = @sum WHERE relation = 'attribution_columns' AND part = @part
`)

const sumOfPage = rowSum(['matrix', 'page', 'data'])

/**
 * Stores by class the full pages of attributions that an earlier version stored by sample: each in a transaction, so that
 * a process that was killed is continued by the next. A page that does not match its checksum stays as it is, and is
 * reported by `project check`.
 */
export const storePagesByClass = (db: Writable): void => {
  for (const place of db.all(selectPlaces, {}))
    db.write(() => {
      const found = db.one(selectPage, place)
      if (found === undefined) return
      const { data, sum, adopted, ...matrix } = found
      if (markedSum(sumOfPage(place.matrix, place.page, data), adopted === 1) !== sum) return
      putColumns(db, matrix, place.page, data)
      db.run(deletePage, place)
      if (adopted === 0) return
      const part = `${place.matrix} ${place.page}`
      db.run(adopt, { part, sum: markedSum(db.one(selectSum, { part })!.sum, true) })
    })
}
