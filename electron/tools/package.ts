import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, Platform } from 'electron-builder'
import { reason, UserError } from '../contract/errors.ts'
import { buildAll } from '../launch/build.ts'
import { findRuntime, type Runtime } from '../launch/runtime.ts'
import { tarball } from './packaging/archive.ts'
import { buildDeb } from './packaging/deb.ts'
import { applicationLicenses, LICENSES } from './packaging/licenses.ts'

/**
 * Packs the application into a folder in dist/; with --installers also into what users install on this system. With
 * --for-tests the old stand-in Electron will do, and the debugger's port stays open for the test that drives the result;
 * such a package is not for distribution.
 */
const root = join(import.meta.dirname, '../..')
const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)
const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Purpose {
  readonly installers: boolean
  readonly forTests: boolean
}

const configuration = (runtime: Runtime, output: string, forTests: boolean) => ({
  extends: join(root, 'electron-builder.yml'),
  electronDist: runtime.folder,
  electronVersion: runtime.version,
  directories: { output },
  ...(forTests && { electronFuses: null }),
})

const pack = async ({ installers, forTests }: Purpose): Promise<void> => {
  const runtime = await findRuntime({ print, fetch: true, standIn: forTests })
  const modules = await buildAll(root)
  const output = join(root, forTests ? 'dist/for-tests' : 'dist')
  const folders: string[] = []
  await build({
    projectDir: root,
    targets: Platform.current().createTarget('dir'),
    publish: 'never',
    config: {
      ...configuration(runtime, output, forTests),
      afterPack: ({ appOutDir }) => {
        folders.push(appOutDir)
        // The stand-in brings a default app where ours goes.
        rmSync(join(appOutDir, 'resources/app/default-app.js'), { force: true })
        writeFileSync(join(appOutDir, LICENSES), applicationLicenses(appOutDir, modules))
        return Promise.resolve()
      },
    },
  })
  if (installers) for (const folder of folders) await install(folder, runtime, output, forTests)
  for (const folder of folders) process.stdout.write(`${folder}\n`)
}

/** Makes every kind of package that this system can; one that fails does not keep the others from being made. */
const install = async (packed: string, runtime: Runtime, output: string, forTests: boolean): Promise<void> => {
  const kinds: Readonly<Record<string, () => Promise<readonly string[]>>> = {
    ...(process.platform === 'linux' && {
      'tar.gz': async () => [tarball(packed, join(output, `portolan-${version}-linux-${process.arch}.tar.gz`))],
      deb: async () => [
        buildDeb({
          ...{ packed, version, description, arch: process.arch, out: output },
          icon: join(root, 'resources/icons/portolan.png'),
        }),
      ],
    }),
    'those of electron-builder.yml': () =>
      build({
        ...{ projectDir: root, prepackaged: packed, publish: 'never' },
        targets: Platform.current().createTarget(),
        config: configuration(runtime, output, forTests),
      }),
  }
  const failures: string[] = []
  for (const [kind, make] of Object.entries(kinds)) {
    try {
      for (const file of await make()) process.stdout.write(`${file} (${Math.ceil(statSync(file).size / 1e6)} MB)\n`)
    } catch (error) {
      failures.push(`${kind}: ${reason(error)}`)
    }
  }
  if (failures.length > 0) throw new UserError(`not all packages could be built: ${failures.join('; ')}`)
}

try {
  const { values } = parseArgs({ options: { installers: { type: 'boolean' }, 'for-tests': { type: 'boolean' } } })
  await pack({ installers: values.installers === true, forTests: values['for-tests'] === true })
} catch (error) {
  if (!(error instanceof UserError)) throw error
  print(error.message)
  process.exitCode = error.exitCode
}
