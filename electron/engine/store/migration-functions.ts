import type Database from 'better-sqlite3'
import { classifierKey, jobKey } from './keys.ts'

/** SQL functions that only migrations call. */
export function addFunctions(database: Database.Database): void {
  database.function('classifier_key', { deterministic: true }, (network, input, logits, probabilities) =>
    classifierKey({
      network: String(network),
      input: JSON.parse(String(input)),
      logits: String(logits),
      probabilities: probabilities === 'sigmoid' ? 'sigmoid' : undefined,
    }),
  )
  database.function('job_key', { deterministic: true }, (kind, params) =>
    jobKey(String(kind), JSON.parse(String(params))),
  )
}
