import type { Command } from 'commander'
import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Report } from '../../contract/progress.ts'
import { type Outcome, printed } from './output.ts'

/** What a command finds around it. */
export interface Session {
  readonly report: Report
  readonly signal: AbortSignal
  /** A sentence for the user that is no part of the result: on stderr. */
  note(sentence: string): void
}

/**
 * Makes a commander action of a typed body. Arguments and options come in as one object under their names;
 * the schema turns their text into values, and its messages complete the sentence `--top …`.
 */
export type Run = <S extends z.ZodType>(
  schema: S,
  body: (given: z.output<S>, session: Session) => Promise<Outcome>,
) => (this: Command) => Promise<void>

/** Adds one command to the program or to a group such as `model`. One for each file in commands/. */
export type AddCommand = (parent: Command, run: Run) => void

interface Surroundings extends Session {
  print(text: string): void
  /** Tells that the result is not the whole. */
  fail(): void
}

/** @param begin called once for every command that runs; `end` when its progress is over */
export const runner =
  (around: Surroundings, end: () => void): Run =>
  (schema, body) =>
    async function action() {
      const given = parse(schema, this)
      let outcome: Outcome
      try {
        outcome = await body(given, around)
      } finally {
        end()
      }
      around.print(printed(outcome, this.opts().json === true))
      if (outcome.incomplete === undefined) return
      around.note(outcome.incomplete)
      around.fail()
    }

function parse<S extends z.ZodType>(schema: S, command: Command): z.output<S> {
  const given: Record<string, unknown> = { ...command.opts() }
  for (const [i, argument] of command.registeredArguments.entries()) given[argument.name()] = command.processedArgs[i]
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const key = String(issue.path[0] ?? '')
  const flag = command.options.find(option => option.attributeName() === key)?.long ?? key
  const value = given[key] === undefined ? '' : `, not "${given[key]}"`
  throw new UserError(`${flag} ${issue.message}${value} (${pathOf(command)} --help explains it)`, { exitCode: 2 })
}

/** `portolan model info`. */
export function pathOf(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return names.join(' ')
}
