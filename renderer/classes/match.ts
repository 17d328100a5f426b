import type { CellClasses } from '../../electron/contract/atlas.ts'
import type { ClassInfo } from '../../electron/contract/project.ts'

/** Normalised for comparison: NFC, lower case, spaces for underscores. */
const normalised = (text: string): string => text.normalize('NFC').trim().toLowerCase().replaceAll('_', ' ')

/** How well a class matches a query: 0 not at all; a prefix of the name ranks before a substring. */
function rank(one: ClassInfo, text: string): number {
  const name = normalised(one.name)
  if (name === text || String(one.index) === text || one.synset === text) return 5
  if (name.startsWith(text)) return 4
  if (name.split(/[\s-]/).some(word => word.startsWith(text))) return 3
  if (name.includes(text)) return 2
  return one.synonyms.some(s => normalised(s).includes(text)) || one.synset.startsWith(text) ? 1 : 0
}

/** Classes that match a query, best first; all in index order for an empty query. Names may repeat. */
export function matchClasses(classes: readonly ClassInfo[], text: string): readonly ClassInfo[] {
  const query = normalised(text)
  if (query === '') return classes
  return classes
    .map(one => ({ one, rank: rank(one, query) }))
    .filter(r => r.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.one.index - b.one.index)
    .map(r => r.one)
}

/** The largest mean attribution of a class to any cell, by class; only classes that are among the strongest of some cell. */
export function strongestOf({ index, value }: CellClasses): ReadonlyMap<number, number> {
  const largest = new Map<number, number>()
  for (const [k, one] of index.entries()) if (one >= 0) largest.set(one, Math.max(largest.get(one) ?? 0, value[k]!))
  return largest
}

/** Classes by their strength, strongest first, then the others in their order. */
export function byStrength(classes: readonly ClassInfo[], strength: ReadonlyMap<number, number>): readonly ClassInfo[] {
  return [...classes].sort((a, b) => (strength.get(b.index) ?? 0) - (strength.get(a.index) ?? 0) || a.index - b.index)
}

/** The classes to list: the chosen ones, which stay in sight whatever is searched for, then the other matches. */
export function listedClasses(
  classes: readonly ClassInfo[],
  text: string,
  chosen: readonly number[],
  strength?: ReadonlyMap<number, number>,
): readonly ClassInfo[] {
  const own = chosen.flatMap(index => classes.find(one => one.index === index) ?? [])
  const rest = matchClasses(classes, text).filter(one => !chosen.includes(one.index))
  // A search ranks by itself.
  return [...own, ...(strength && text.trim() === '' ? byStrength(rest, strength) : rest)]
}

/** Between two classes in a search: "fireboat | streetcar", "fireboat against streetcar". */
const BETWEEN = /\s*\|\s*|\s+(?:against|vs\.?|versus)\s+/i
/** Of each name at most so many matches are paired. */
const EACH = 3

/** The pairs of classes that a text names, best first; none for the name of one. */
export function matchPairs(
  classes: readonly ClassInfo[],
  text: string,
): readonly (readonly [left: ClassInfo, right: ClassInfo])[] {
  const [first = '', second = '', ...more] = text.split(BETWEEN)
  if (first.trim() === '' || second.trim() === '' || more.length > 0) return []
  const [left, right] = [first, second].map(name => matchClasses(classes, name).slice(0, EACH))
  return left!.flatMap(a => right!.filter(b => b !== a).map(b => [a, b] as const))
}
