import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
})
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.unknown().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
})

/** A package that is passed on, with the texts that its licence asks to pass on. */
export interface LicensedPackage {
  readonly name: string
  readonly version: string
  /** As its package.json names it. */
  readonly license: string
  readonly texts: readonly string[]
}

const TEXT = /^(licen[cs]e|notice|copying|thirdpartynotices|third[-_]?party[-_]?notices?)([-._].*)?$/i

/**
 * Installed packages that the application needs, from package-lock.json, by name.
 * @param only those that these packages need, themselves included
 */
export function licensedPackages(root: string, only?: readonly string[]): readonly LicensedPackage[] {
  const lock = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const wanted = only && needed(root, only)
  return Object.entries(lock.packages)
    .filter(
      ([path, { dev, devOptional }]) =>
        path !== '' && !dev && !devOptional && existsSync(join(root, path, 'package.json')),
    )
    .filter(([path]) => wanted?.has(path) ?? true)
    .map(([path]) => described(join(root, path)))
    .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))
}

/** Paths of packages with all that they depend on, as Node resolves them. */
function needed(root: string, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (name: string, from: string): void => {
    const path = placeOf(root, name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    const { dependencies = {} } = manifestOf(join(root, path))
    for (const each of Object.keys(dependencies)) visit(each, path)
  }
  for (const name of names) visit(name, '')
  return found
}

function placeOf(root: string, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (existsSync(join(root, path, 'package.json'))) return path
    if (at === '') return undefined
  }
}

const manifestOf = (folder: string): z.infer<typeof Manifest> =>
  Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))

function described(folder: string): LicensedPackage {
  const { name, version, license } = manifestOf(folder)
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter(file => file.isFile() && TEXT.test(file.name))
    .map(file => readFileSync(join(folder, file.name), 'utf8').trim())
  return { name, version, license: typeof license === 'string' ? license : 'see its text', texts }
}

/** One text of all: a list of packages, then each different licence text with the packages that it belongs to. */
export function licenseText(title: string, packages: readonly LicensedPackage[]): string {
  const byText = new Map<string, string[]>()
  for (const { name, version, texts } of packages)
    for (const text of texts) byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`])
  return [
    title,
    packages.map(({ name, version, license }) => `  ${name} ${version}: ${license}`).join('\n'),
    ...[...byText].map(([text, names]) => `${'-'.repeat(78)}\n${names.join(', ')}\n\n${text}`),
    '',
  ].join('\n\n')
}
