/** How far a stage of long work has come. Time left is for the reader of the reports to estimate. */
export interface Progress {
  /** Name of the stage, in the user's words: `sampling`, `neighbours`, `icons of mixed4c`. */
  readonly stage: string
  readonly done: number
  readonly total: number
  /** What `done` and `total` count: `photographs`, `icons`. */
  readonly unit: string
}

/** Where a stage reports to. Cancellation comes in beside it as a standard AbortSignal. */
export type Report = (progress: Progress) => void

/** For callers that do not watch. */
export const silent: Report = () => {}
