import type { ClassInfo } from '../../electron/contract/project.ts'

/** In Unicode's composed form and without regard to case, as labels are kept and searches are typed. */
const plain = (text: string): string => text.normalize('NFC').trim().toLowerCase().replaceAll('_', ' ')

/** How well a class answers a search: 0 not at all; a name that begins so before one that contains it. */
function rank(one: ClassInfo, text: string): number {
  const name = plain(one.name)
  if (name === text || String(one.index) === text || one.synset === text) return 5
  if (name.startsWith(text)) return 4
  if (name.split(/[\s-]/).some(word => word.startsWith(text))) return 3
  if (name.includes(text)) return 2
  return one.synonyms.some(s => plain(s).includes(text)) || one.synset.startsWith(text) ? 1 : 0
}

/** Classes that answer a search, the best first; all in their own order when nothing is sought. Names may repeat. */
export function matchClasses(classes: readonly ClassInfo[], text: string): readonly ClassInfo[] {
  const sought = plain(text)
  if (sought === '') return classes
  return classes
    .map(one => ({ one, rank: rank(one, sought) }))
    .filter(r => r.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.one.index - b.one.index)
    .map(r => r.one)
}
