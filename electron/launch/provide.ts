import { hasDisplay, hasXvfb } from './display.ts'
import { everything, hasApt, installCommand, installPackages, missingLibraries } from './libraries.ts'
import { NoWindow } from './no-window.ts'

const display: readonly string[] = ['xvfb', 'xauth']

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ')

/**
 * Sees to it that Electron finds its libraries and a display, real or virtual: installs what is missing where that is
 * allowed without a question.
 * @throws NoWindow with the command that installs it where it is not
 */
export const provide = async (executable: string, say: (sentence: string) => void): Promise<void> => {
  if (process.platform !== 'linux') return
  const missing = missingLibraries(executable)
  const blind = !hasDisplay() && !hasXvfb()
  if (missing.length === 0 && !blind) return
  const wanted = everything.filter(name => (display.includes(name) ? blind : missing.length > 0))
  const lacks = [
    ...(missing.length > 0 ? [`${missing.length} system libraries (${some(missing)})`] : []),
    ...(blind ? ['a display, or the virtual one of Xvfb'] : []),
  ].join(' and ')
  say(`the window needs what this system lacks: ${lacks}`)
  const refusal = await installPackages(wanted, say)
  const still = missingLibraries(executable)
  if (refusal === undefined && still.length === 0) return
  if (!hasApt())
    throw new NoWindow(`the window needs ${lacks}, and ${refusal}: the package manager of this system has them`)
  throw new NoWindow(
    `${refusal ?? `the window still needs ${still.join(', ')}`}; this command installs what is missing:\n\n    ${installCommand(wanted)}\n`,
    // A command that has just run without effect opens no window.
    { namesCommand: refusal !== undefined },
  )
}
