import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { licenseText, packagesOf } from '../../launch/licenses.ts'

/** Name of the file in a packed application. */
export const LICENSES = 'LICENSES.portolan.txt'

/**
 * The licences of what a packed application contains beside Electron, whose own texts lie next to it: of the packages in it,
 * and of those that were built into the window.
 * @param packed  the folder of the application
 * @param modules paths of the modules that the window was built from
 */
export function applicationLicenses(packed: string, modules: readonly string[]): string {
  const inside = join(packed, 'resources/app')
  const own = readFileSync(join(inside, 'LICENSE'), 'utf8').trim()
  const packages = packagesOf([...modules, ...packageFolders(join(inside, 'node_modules'))])
  return licenseText(
    `${own}\n\nThe network, samples, fonts and photographs in resources have licences of their own, beside them.\nElectron: LICENSE.electron.txt and LICENSES.chromium.html. Other packages:`,
    packages,
  )
}

/** Paths of the packages in a folder of packages, and of those in theirs. */
const packageFolders = (modules: string): readonly string[] =>
  readdirSync(modules, { withFileTypes: true })
    .filter(each => each.isDirectory() && !each.name.startsWith('.'))
    .flatMap(({ name }) => {
      const folder = join(modules, name)
      if (name.startsWith('@')) return packageFolders(folder)
      const nested = join(folder, 'node_modules')
      return [
        ...(existsSync(join(folder, 'package.json')) ? [folder] : []),
        ...(existsSync(nested) ? packageFolders(nested) : []),
      ]
    })
