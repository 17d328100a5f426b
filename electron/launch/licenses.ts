import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Manifest = z.object({ name: z.string(), version: z.string(), license: z.unknown().optional() })

/** A package that is passed on, with the texts that its licence asks to pass on. */
export interface LicensedPackage {
  readonly name: string
  readonly version: string
  /** As its package.json names it. */
  readonly license: string
  readonly texts: readonly string[]
}

/** The folder of the innermost package that a module belongs to. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/
const TEXT = /^(licen[cs]e|notice|copying|thirdpartynotices|third[-_]?party[-_]?notices?)([-._].*)?$/i

/** The packages that some modules come from, by name. @param modules paths; those outside of node_modules are ours */
export const packagesOf = (modules: readonly string[]): readonly LicensedPackage[] =>
  [...new Set(modules.flatMap(module => PACKAGE.exec(module)?.[0] ?? []))]
    .map(described)
    .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))

function described(folder: string): LicensedPackage {
  const { name, version, license } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
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
