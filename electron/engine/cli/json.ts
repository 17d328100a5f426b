import { z } from 'zod'
import type { Outcome } from './output.ts'

const Members = z.record(z.string(), z.json())

/**
 * A record as JSON, without members that are undefined.
 * @throws Error when a value has no form in JSON
 */
export const asJson = (record: Readonly<Record<string, unknown>>): Outcome['json'] =>
  Members.parse(JSON.parse(JSON.stringify(record)))
