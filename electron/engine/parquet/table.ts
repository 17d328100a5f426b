/** Types of columns; `floats` and `integers` are lists, `json` is text. */
export type ColumnType =
  | 'boolean'
  | 'integer'
  | 'float'
  | 'double'
  | 'text'
  | 'json'
  | 'time'
  | 'bytes'
  | 'floats'
  | 'integers'

export interface Column<Row> {
  readonly name: string
  readonly type: ColumnType
  /** Some rows have no value: null. */
  readonly optional?: boolean
  readonly value: (row: Row) => unknown
}

/** A table that is written as one file. */
export interface Table<Row> {
  readonly columns: readonly Column<Row>[]
  readonly rows: Iterable<Row>
  /** Values of the longest list in a row. */
  readonly width?: number
}

/** A table whose rows only its own columns read. */
export const table = <Row>(columns: Table<Row>['columns'], rows: Iterable<Row>, width?: number): Table<never> =>
  ({ columns, rows, ...(width !== undefined && { width }) }) as Table<never>

type Given<Row> = readonly [name: string, type: `${ColumnType}${'' | '?'}`, value: (row: Row) => unknown]

/** Columns by name, type and value; a type that ends with `?` is optional. */
export const columnsOf = <Row>(...given: readonly Given<Row>[]): readonly Column<Row>[] =>
  given.map(([name, type, value]) => ({
    name,
    type: type.replace('?', '') as ColumnType,
    optional: type.endsWith('?'),
    value: converted(type, value),
  }))

/** JSON becomes text, times become dates, and rows of matrices arrays, which is what the writer takes. */
function converted<Row>(type: string, value: (row: Row) => unknown): (row: Row) => unknown {
  const convert = (change: (value: never) => unknown) => (row: Row) => {
    const given = value(row)
    return given === null || given === undefined ? null : change(given as never)
  }
  if (type.startsWith('json')) return convert(JSON.stringify)
  if (type.startsWith('time')) return convert((milliseconds: number) => new Date(milliseconds))
  if (type.startsWith('floats') || type.startsWith('integers')) return convert((list: Iterable<number>) => [...list])
  return convert(given => given)
}
