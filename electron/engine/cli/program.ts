import { Command, Help, type Option } from 'commander'
import { visibleLines } from '../../contract/visible.ts'
import { version } from '../files/version.ts'
import { type Run, runner } from './command.ts'
import { type CommandEntry, groups } from './commands.ts'
import { exitOf } from './errors.ts'
import { progressDisplay, type Screen } from './progress.ts'

/** Streams, clock and signal of the process, which tests replace. */
interface Environment {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: Screen
  readonly signal: AbortSignal
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

/**
 * Runs one command line.
 * @param args the arguments after the program's name
 * @returns the exit status: 0, 1 for a failure or an incomplete result, 2 for wrong usage, 130 when interrupted
 */
export async function runCommandLine(args: readonly string[], environment: Environment): Promise<number> {
  const progress = progressDisplay(environment.stderr, environment.now)
  let complete = true
  const run = runner(
    {
      report: progress.report,
      signal: environment.signal,
      note: sentence => {
        progress.end()
        environment.stderr.write(`portolan: ${visibleLines(sentence)}\n`)
      },
      print: text => environment.stdout.write(text),
      fail: () => {
        complete = false
      },
    },
    progress.end,
  )

  const program = await commandTree(run, environment, names => named(args, names))

  try {
    await program.parseAsync(args, { from: 'user' })
    return complete ? 0 : 1
  } catch (thrown) {
    const { status, message } = exitOf(thrown, environment.signal.aborted)
    if (message !== undefined) environment.stderr.write(`${visibleLines(message)}\n`)
    return status
  }
}

/** Whether the arguments name the command `names`, such as ['model', 'info']: without options they begin with it. */
function named(args: readonly string[], names: readonly string[]): boolean {
  const words = args.filter(arg => !arg.startsWith('-'))
  return names.every((name, i) => words[i] === name)
}

/**
 * All commands; `actions` lists those without sub-commands.
 * @param wanted which commands to load with their options; the others have a name and a summary only
 */
export async function commandTree(
  run: Run,
  { stdout, stderr }: Pick<Environment, 'stdout' | 'stderr'>,
  wanted: (names: readonly string[]) => boolean = () => true,
): Promise<Command> {
  const help = new Help()
  const program = new Command('portolan')
    .description('Activation atlases of your own image classifier and photographs.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({
      visibleOptions: shown => requiredFirst(help.visibleOptions(shown)),
      optionDescription: option =>
        option.mandatory ? `${help.optionDescription(option)} (required)` : help.optionDescription(option),
    })
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(visibleLines(text)),
      writeErr: text => stderr.write(visibleLines(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'portolan: ')),
    })
    .showHelpAfterError('(--help shows the options)')
    .addHelpText('after', '\nEvery command takes --json: one JSON object on stdout. Progress goes to stderr.')

  for (const { heading, parent, commands } of groups) {
    program.commandsGroup(`${heading}:`)
    const at = parent ? program.command(parent.name).summary(parent.summary).helpCommand(false) : program
    for (const entry of commands)
      await add(at, entry, wanted([...(parent ? [parent.name] : []), entry.name]) ? run : undefined)
  }
  for (const command of actions(program)) command.option('--json', 'print the result as one JSON object')
  return program
}

/** @param run undefined: the command's options are not loaded */
async function add(at: Command, { name, summary, load }: CommandEntry, run: Run | undefined): Promise<void> {
  const command = at.command(name).summary(summary)
  if (run) (await load())(command, run)
}

const requiredFirst = (options: readonly Option[]): Option[] => [
  ...options.filter(({ mandatory }) => mandatory),
  ...options.filter(({ mandatory }) => !mandatory),
]

/** The commands that run, as opposed to groups of commands. */
export function actions(command: Command): Command[] {
  return command.commands.flatMap(sub => (sub.commands.length === 0 ? [sub] : actions(sub)))
}
