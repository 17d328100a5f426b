import { PREFIX } from './connection.ts'

/** Keys beside BullMQ's own. */

/** Exists while a build runs: set again every few seconds, so that units of one that is gone are dropped. */
export const runKey = (run: string): string => `${PREFIX}:run:${run}`
/** The contents of the parts that belong to one unit alone: a hash, by SHA-256. */
export const contentsKey = (job: string): string => `${PREFIX}:contents:${job}`
/** The result of a unit. */
export const resultKey = (job: string): string => `${PREFIX}:result:${job}`
/** The content of a part of several units of a build. */
export const sharedKey = (run: string, sha256: string): string => `${PREFIX}:shared:${run}:${sha256}`
/** What files a network consists of. */
export const modelKey = (network: string): string => `${PREFIX}:model:${network}`
export const modelPieceKey = (network: string, file: number, piece: number): string =>
  `${modelKey(network)}:${file}:${piece}`
/** All workers, by id. */
export const WORKERS_KEY = `${PREFIX}:workers`

/** Seconds after which contents are forgotten, unless a build that runs still needs them. */
export const KEPT = 3600
/** Milliseconds after which a build that gives no sign of life is gone. */
export const ALIVE = 60_000
