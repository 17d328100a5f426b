import { spawnSync } from 'node:child_process'
import { UserError } from '../contract/errors.ts'
import { hasXvfb } from '../launch/display.ts'
import { everything, installPackages, missingLibraries, packagesFor } from '../launch/libraries.ts'
import { findRuntime } from '../launch/runtime.ts'

/** For tests and continuous integration: fetches a runtime and installs what a bare Debian lacks, where it may. */
const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)

const hasChromium = (): boolean => spawnSync('chromium', ['--version']).error === undefined

try {
  const { executable } = await findRuntime({ print, fetch: true, standIn: true })
  const missing = missingLibraries(executable)
  const wanted = missing.length > 0 ? everything : hasXvfb() ? [] : ['xvfb', 'xauth']
  if (wanted.length > 0 && process.platform === 'linux') {
    const refusal = await installPackages(wanted, print)
    if (refusal !== undefined)
      throw new UserError(
        `tests of the window need ${[...packagesFor(missing), ...(hasXvfb() ? [] : ['xvfb'])].join(' ')}, and ${refusal}`,
      )
  }
  // Views and frames are measured in a browser of today; without one those tests are skipped, and log so.
  if (process.platform === 'linux' && process.env['CHROMIUM'] === undefined && !hasChromium()) {
    const refusal = await installPackages(['chromium'], print)
    if (refusal !== undefined) print(`there is no chromium to measure views and frames in: ${refusal}`)
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error
  print(error.message)
  process.exitCode = error.exitCode
}
