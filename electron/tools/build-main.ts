import { join } from 'node:path'
import { UserError } from '../contract/errors.ts'
import { buildAll } from '../launch/build.ts'

try {
  await buildAll(join(import.meta.dirname, '../..'))
} catch (error) {
  if (!(error instanceof UserError)) throw error
  process.stderr.write(`portolan: ${error.message}\n`)
  process.exitCode = error.exitCode
}
