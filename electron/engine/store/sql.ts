/** A named, complete SQL statement that returns rows; `Params` are its @names, `Row` its columns. */
export interface Query<Params, Row> {
  readonly text: string
  readonly types?: (params: Params) => Row
}

/** A named, complete SQL statement that changes rows. */
export interface Command<Params> {
  readonly text: string
  readonly changes: true
  readonly types?: (params: Params) => void
}

/** Statements are at the head of the file of their table, so that SQL and types can be read side by side. */
export const query = <Params, Row>(text: string): Query<Params, Row> => ({ text })
export const command = <Params>(text: string): Command<Params> => ({ text, changes: true })

/** For statements without parameters. */
export type None = Readonly<Record<never, never>>

/** A project open for reading. A process may open any number, also while another process writes. */
export interface Readable {
  /** Absolute path of the project file. */
  readonly file: string
  one<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row | undefined
  all<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row[]
  /** All reads of `body` see one snapshot, also while another process writes. */
  snapshot<Result>(body: () => Result): Result
  /** Bytes of the file and its write-ahead log. */
  bytes(): number
  close(): void
  [Symbol.dispose](): void
}

/** A project that only this process may write to. */
export interface Writable extends Readable {
  /** @returns the number of changed rows */
  run<Params extends object>(command: Command<Params>, params: Params): number
  /** Inserts one row and returns its integer key. */
  insert<Params extends object>(command: Command<Params>, params: Params): number
  /**
   * One transaction: all writes of `body`, or none. May be nested.
   * @throws UserError when the disk is full, the file read-only, or another process has locked the project
   */
  write<Result>(body: () => Result): Result
}
