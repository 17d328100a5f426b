import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installPackage } from '../../electron/tools/python.ts'

const run = promisify(execFile)

/** The package that carries the suite. Another version has other cases. */
export const SUITE = 'onnx==1.23.2'

/**
 * Writes ONNX's own test cases for single operators into a folder.
 * @param python Python 3 with the module venv
 * @returns the folder of the cases; @throws with pip's message where the package cannot be installed
 */
export async function writeSuite(python: string, folder: string): Promise<string> {
  const its = await installPackage(python, join(folder, 'environment'), SUITE)
  const cases = join(folder, 'cases')
  await mkdir(cases)
  await run(its, [join(import.meta.dirname, 'cases.py'), cases])
  return cases
}
