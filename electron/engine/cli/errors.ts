import { CommanderError } from 'commander'
import { UserError } from '../../contract/errors.ts'
import { visible } from '../../contract/visible.ts'

/** Commander's codes that are not wrong usage: a request for help or the version. */
const REQUESTED = new Set(['commander.helpDisplayed', 'commander.version'])

/**
 * The exit status and message of an error.
 * @param stopped whether the user has interrupted the program: the error is then its consequence
 * @returns the exit status and the message for stderr; none where commander has printed it already
 */
export function exitOf(thrown: unknown, stopped: boolean): { readonly status: number; readonly message?: string } {
  if (thrown instanceof CommanderError) return { status: REQUESTED.has(thrown.code) ? 0 : 2 }
  if (stopped) return { status: 130, message: 'portolan: stopped' }
  if (thrown instanceof UserError) return { status: thrown.exitCode, message: `portolan: ${visible(thrown.message)}` }
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'EMFILE' || code === 'ENFILE')
    return { status: 1, message: 'portolan: too many files are open: raise the limit with "ulimit -n 4096"' }
  const details = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return { status: 1, message: `portolan: this is a bug, please report it:\n${details}` }
}
