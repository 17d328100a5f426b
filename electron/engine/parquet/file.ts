import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { OutputDraft } from '../files/output.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Column, ColumnType, Table } from './table.ts'

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** Rows of a row group: readers read one at a time. Lists are long, so that fewer rows of them fit into memory. */
const ROWS = 20_000
const LIST_VALUES = 4_000_000

/**
 * Writes a table as a Parquet file, row group by row group, atomically.
 * @returns rows and bytes written
 * @throws UserError when the place does not take it
 */
export async function writeParquet<Row>(
  table: Table<Row>,
  file: string,
  { signal, createdBy }: Pick<StageWork, 'signal'> & { readonly createdBy: string },
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const draft = await OutputDraft.create(file)
  const buffer = new ByteWriter()
  let [rows, bytes] = [0, 0]
  const flush = async (): Promise<void> => {
    const part = new Uint8Array(buffer.buffer, 0, buffer.index)
    bytes += part.length
    await draft.write(part)
    buffer.index = 0
  }
  try {
    const writer = new ParquetWriter({ writer: buffer, schema: schemaOf(table.columns), createdBy })
    for (const part of parts(table)) {
      signal.throwIfAborted()
      const columnData = table.columns.map(({ name, value }) => ({ name, data: part.map(value) }))
      await writer.write({ columnData, rowGroupSize: part.length })
      await flush()
      rows += part.length
    }
    await writer.finish()
    await flush()
    await draft.finish()
  } catch (error) {
    await draft.discard()
    throw error
  }
  return { rows, bytes }
}

/** The rows of a table, a row group at a time. */
function* parts<Row>({ rows, width = 1 }: Table<Row>): Generator<readonly Row[]> {
  const size = Math.max(1, Math.min(ROWS, Math.floor(LIST_VALUES / width)))
  let part: Row[] = []
  for (const row of rows) {
    part.push(row)
    if (part.length < size) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

const SCALARS: Readonly<Record<Exclude<ColumnType, 'floats' | 'integers'>, Omit<SchemaElement, 'name'>>> = {
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  bytes: { type: 'BYTE_ARRAY' },
}

function schemaOf<Row>(columns: readonly Column<Row>[]): SchemaElement[] {
  const fields = columns.flatMap((column): SchemaElement[] => {
    const { name, type } = column
    const repetition_type = column.optional ? 'OPTIONAL' : 'REQUIRED'
    if (type !== 'floats' && type !== 'integers') return [{ name, ...SCALARS[type], repetition_type }]
    // The three levels that the format prescribes for a list.
    return [
      { name, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type, num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: type === 'floats' ? 'FLOAT' : 'INT32', repetition_type: 'REQUIRED' },
    ]
  })
  return [{ name: 'root', num_children: columns.length }, ...fields]
}
