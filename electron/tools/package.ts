import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, Platform } from 'electron-builder'
import { UserError } from '../contract/errors.ts'
import { buildAll } from '../launch/build.ts'
import { findRuntime } from '../launch/runtime.ts'

/**
 * Packs the application into dist/. With --for-tests the old stand-in Electron will do, and the debugger's port stays
 * open for the test that drives the result; such a package is not for distribution.
 */
const root = join(import.meta.dirname, '../..')
const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)

const pack = async (forTests: boolean): Promise<void> => {
  const runtime = await findRuntime({ print, fetch: true, standIn: forTests })
  await buildAll(root)
  const folders: string[] = []
  await build({
    projectDir: root,
    targets: Platform.current().createTarget('dir'),
    publish: 'never',
    config: {
      extends: join(root, 'electron-builder.yml'),
      electronDist: runtime.folder,
      electronVersion: runtime.version,
      ...(forTests && { directories: { output: 'dist/for-tests' }, electronFuses: null }),
      afterPack: ({ appOutDir }) => {
        folders.push(appOutDir)
        // The stand-in brings a default app where ours goes.
        rmSync(join(appOutDir, 'resources/app/default-app.js'), { force: true })
        return Promise.resolve()
      },
    },
  })
  for (const folder of folders) process.stdout.write(`${folder}\n`)
}

try {
  await pack(process.argv.includes('--for-tests'))
} catch (error) {
  if (!(error instanceof UserError)) throw error
  print(error.message)
  process.exitCode = error.exitCode
}
