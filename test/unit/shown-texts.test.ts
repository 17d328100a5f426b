import { expect, test } from 'vitest'
import type { z } from 'zod'
import { calls } from '../../electron/contract/calls.ts'
import { events } from '../../electron/contract/events.ts'

/** The parts of zod's definitions that contain others. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly items?: readonly z.ZodType[]
  readonly valueType?: z.ZodType
}

/** Places of a schema with text that reaches the page as it is. Text that is escaped is a pipe, not a string. */
function bareTexts(schema: z.ZodType, at: string): string[] {
  const def = schema.def as Definition
  if (def.type === 'string') return isBounded(schema) ? [] : [at]
  return [
    ...Object.entries(def.shape ?? {}).flatMap(([name, each]) => bareTexts(each, `${at}.${name}`)),
    ...[def.element, def.innerType, def.valueType, ...(def.options ?? []), ...(def.items ?? [])].flatMap(each =>
      each === undefined ? [] : bareTexts(each, at),
    ),
  ]
}

/** Whether a text can only be what a pattern allows, or is checked for characters that act. */
const isBounded = (schema: z.ZodType): boolean =>
  schema.safeParse('\u202e'.repeat(8)).success === false && schema.safeParse('mixed \u001b[2J').success === false

/** Names and paths that the window sends back as they are; names are typed by the user, who may call things anything. */
const SENT_BACK = ['file', 'name', 'key', 'kind', 'plan.name']
/** What the form of a new model edits and sends back, and the content of a file that is saved. */
const AS_IT_IS = ['models.propose.description', 'models.readLabels.labels', 'view.table.csv']

test('text of files and projects is escaped before the page has it, but for names that it sends back', () => {
  const found = [
    ...Object.entries(calls).map(([name, { output }]) => [name, output] as const),
    ...Object.entries(events),
  ].flatMap(([name, schema]) => bareTexts(schema as z.ZodType, name))
  const others = found.filter(
    at => !(SENT_BACK.some(name => at.endsWith(`.${name}`)) || AS_IT_IS.some(place => at.startsWith(place))),
  )
  expect(others).toEqual([])
  expect(new Set(found.filter(at => at.endsWith('name')))).toEqual(
    new Set([
      'experiment.list.plan.name',
      'experiment.result.experiment.plan.name',
      'models.propose.description.name',
      'saved.list.name',
    ]),
  )
})
