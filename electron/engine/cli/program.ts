import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { z } from 'zod'
import { visibleLines } from '../../contract/visible.ts'
import { type Run, runner } from './command.ts'
import { groups } from './commands.ts'
import { verdict } from './errors.ts'
import { progressDisplay, type Screen } from './progress.ts'

/** The world around the program, so that a test can be one. */
export interface World {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: Screen
  readonly signal: AbortSignal
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number
}

/**
 * Runs one command line.
 * @param args what follows the program's name
 * @returns the exit status: 0, 1 for a failure or an incomplete result, 2 for wrong usage, 130 when stopped
 */
export async function runCommandLine(args: readonly string[], world: World): Promise<number> {
  const progress = progressDisplay(world.stderr, world.now)
  let complete = true
  const run = runner(
    {
      report: progress.report,
      signal: world.signal,
      note: sentence => {
        progress.end()
        world.stderr.write(`portolan: ${visibleLines(sentence)}\n`)
      },
      print: text => world.stdout.write(text),
      fail: () => {
        complete = false
      },
    },
    progress.end,
  )

  const program = commandTree(run, world)

  try {
    await program.parseAsync(args, { from: 'user' })
    return complete ? 0 : 1
  } catch (thrown) {
    const { status, message } = verdict(thrown, world.signal.aborted)
    if (message !== undefined) world.stderr.write(`${visibleLines(message)}\n`)
    return status
  }
}

/** All commands with their options; `actions` lists those that do something. */
export function commandTree(run: Run, { stdout, stderr }: Pick<World, 'stdout' | 'stderr'>): Command {
  const program = new Command('portolan')
    .description('Activation atlases of your own image classifier and photographs.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(visibleLines(text)),
      writeErr: text => stderr.write(visibleLines(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'portolan: ')),
    })
    .showHelpAfterError('(--help explains it)')
    .addHelpText('after', '\nEvery command takes --json: one JSON object on stdout. Progress goes to stderr.')

  for (const { heading, parent, commands } of groups) {
    program.commandsGroup(`${heading}:`)
    const at = parent ? program.command(parent.name).summary(parent.summary).helpCommand(false) : program
    for (const add of commands) add(at, run)
  }
  for (const command of actions(program)) command.option('--json', 'print the result as one JSON object')
  return program
}

/** The commands that do something, as opposed to groups of them. */
export function actions(command: Command): Command[] {
  return command.commands.flatMap(sub => (sub.commands.length === 0 ? [sub] : actions(sub)))
}

function version(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version
}
