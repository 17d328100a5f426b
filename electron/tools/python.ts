import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Python 3 by the name that the system has; undefined where there is none. PYTHON names another than python3. */
export const findPython = async (): Promise<string | undefined> => {
  for (const python of [process.env['PYTHON'], 'python3', 'python'])
    if (python !== undefined)
      try {
        const { stdout } = await run(python, ['-c', 'import sys, venv; print(sys.version_info.major)'])
        if (stdout.trim() === '3') return python
      } catch {
        // The next name.
      }
  return undefined
}

/**
 * Installs a package into an environment of its own.
 * @param requirement its name and version, as pip reads them
 * @returns the Python that has it; @throws with pip's message where it fails
 */
export const installPackage = async (python: string, folder: string, requirement: string): Promise<string> => {
  await run(python, ['-m', 'venv', folder])
  const its = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  await run(its, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement])
  return its
}
