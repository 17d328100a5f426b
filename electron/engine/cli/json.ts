import { z } from 'zod'
import type { Outcome } from './output.ts'

const Members = z.record(z.string(), z.json())

/**
 * A record as JSON has it, members that are undefined left out.
 * @throws Error when it holds anything that JSON does not
 */
export const asJson = (record: Readonly<Record<string, unknown>>): Outcome['json'] =>
  Members.parse(JSON.parse(JSON.stringify(record)))
