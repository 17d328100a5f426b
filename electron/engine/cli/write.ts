import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'

/** Writes a file that the user asked for, its folder too. @throws UserError when the place does not take it */
export async function writeResult(file: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${reason(error)}; choose another place`, { cause: error })
  }
}
