import { hasDisplay, hasXvfb } from './display.ts'
import { everything, hasApt, installCommand, installPackages, missingLibraries } from './libraries.ts'
import { NoWindow } from './no-window.ts'

const display: readonly string[] = ['xvfb', 'xauth']

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ')

/**
 * Provides Electron with its libraries and a display, real or virtual: installs what is missing where that is
 * allowed without a question.
 * @throws NoWindow with the command that installs it where it is not
 */
export const provide = async (executable: string, print: (sentence: string) => void): Promise<void> => {
  if (process.platform !== 'linux') return
  const missing = missingLibraries(executable)
  const noDisplay = !hasDisplay() && !hasXvfb()
  if (missing.length === 0 && !noDisplay) return
  const wanted = everything.filter(name => (display.includes(name) ? noDisplay : missing.length > 0))
  const lacks = [
    ...(missing.length > 0 ? [`${missing.length} system libraries (${some(missing)})`] : []),
    ...(noDisplay ? ['a display, or the virtual one of Xvfb'] : []),
  ].join(' and ')
  print(`the window needs what this system lacks: ${lacks}`)
  const refusal = await installPackages(wanted, print)
  const stillMissing = missingLibraries(executable)
  if (refusal === undefined && stillMissing.length === 0) return
  if (!hasApt())
    throw new NoWindow(`the window needs ${lacks}, and ${refusal}: the package manager of this system has them`)
  throw new NoWindow(
    `${refusal ?? `the window still needs ${stillMissing.join(', ')}`}; this command installs what is missing:\n\n    ${installCommand(wanted)}\n`,
    // A command that has just run without effect opens no window.
    { namesCommand: refusal !== undefined },
  )
}
