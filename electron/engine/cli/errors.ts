import { CommanderError } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { visible } from '../../contract/visible.ts'

/** Wrong usage, in commander's own codes: asking for help or the version is none. */
const asked = new Set(['commander.helpDisplayed', 'commander.version'])

/**
 * What an error means for the caller of the program.
 * @param stopped whether the user has interrupted: what is thrown then is its consequence
 * @returns the exit status, and what is to be said on stderr; commander has said its own already
 */
export function verdict(thrown: unknown, stopped: boolean): { readonly status: number; readonly message?: string } {
  if (thrown instanceof CommanderError) return { status: asked.has(thrown.code) ? 0 : 2 }
  if (stopped) return { status: 130, message: 'portolan: stopped' }
  if (thrown instanceof UserError) return { status: thrown.exitCode, message: `portolan: ${visible(thrown.message)}` }
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'EMFILE' || code === 'ENFILE')
    return { status: 1, message: 'portolan: too many files are open: raise the limit with "ulimit -n 4096"' }
  const told = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return { status: 1, message: `portolan: this is a bug, please report it:\n${told}` }
}
