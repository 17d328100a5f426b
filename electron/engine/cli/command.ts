import type { Command } from 'commander'
import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Report } from '../../contract/progress.ts'
import { type Outcome, printed } from './output.ts'

/** Progress, cancellation and notes of one run of a command. */
export interface Session {
  readonly report: Report
  readonly signal: AbortSignal
  /** Writes a sentence that is not part of the result to stderr. */
  note(sentence: string): void
}

/**
 * Converts a typed body to a commander action. Arguments and options are passed as one object under their names;
 * the schema parses their text, and its messages complete the sentence `--top …`.
 */
export type Run = <S extends z.ZodType>(
  schema: S,
  body: (given: z.output<S>, session: Session) => Promise<Outcome>,
) => (this: Command) => Promise<void>

/** Adds description, arguments, options and action to a command of commands.ts; one per file in commands/. */
export type DefineCommand = (command: Command, run: Run) => void

interface Console extends Session {
  print(text: string): void
  /** Sets the exit status of an incomplete result. */
  fail(): void
}

/** @param end called when the progress of a command is over */
export const runner =
  (console: Console, end: () => void): Run =>
  (schema, body) =>
    async function action() {
      const given = parse(schema, this)
      let outcome: Outcome
      try {
        outcome = await body(given, console)
      } finally {
        end()
      }
      console.print(printed(outcome, this.opts().json === true))
      if (outcome.incomplete === undefined) return
      console.note(outcome.incomplete)
      console.fail()
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
  throw new UserError(`${flag} ${issue.message}${value} (${pathOf(command)} --help shows its options)`, { exitCode: 2 })
}

/** `portolan model info`. */
export function pathOf(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return names.join(' ')
}
