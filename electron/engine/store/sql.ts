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

/** Statements stand at the head of the file of their table, so that SQL and types can be read side by side. */
export const query = <Params, Row>(text: string): Query<Params, Row> => ({ text })
export const command = <Params>(text: string): Command<Params> => ({ text, changes: true })

/** For statements without parameters. */
export type None = Readonly<Record<never, never>>

/** A project that can be read. Every process may hold as many as it likes, also while another one writes. */
export interface Readable {
  /** Absolute path of the project file. */
  readonly file: string
  one<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row | undefined
  all<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row[]
  /** Everything read by `body` belongs to one moment, whatever is written meanwhile. */
  snapshot<Result>(body: () => Result): Result
  /** Bytes of the file and its write-ahead log. */
  bytes(): number
  close(): void
  [Symbol.dispose](): void
}

/** A project that this process alone may write to. */
export interface Writable extends Readable {
  /** @returns how many rows changed */
  run<Params extends object>(command: Command<Params>, params: Params): number
  /** Inserts one row and returns its integer key. */
  insert<Params extends object>(command: Command<Params>, params: Params): number
  /**
   * One transaction: either all that `body` writes is in the project, or nothing. May be nested.
   * @throws UserError when the disk is full, the place read-only, or another process has taken the project over
   */
  write<Result>(body: () => Result): Result
}
