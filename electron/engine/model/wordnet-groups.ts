import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ClassGroup } from '../../contract/cell-labels.ts'
import type { Label } from './classifier.ts'

/** Made from WordNet by electron/tools/make-groups.ts. Parents come before their children. */
const Table = z.object({
  groups: z.array(z.object({ name: z.string(), parent: z.int().nullable() })),
  /** A synset, and the most specific group that it is in. */
  classes: z.array(z.tuple([z.string(), z.int().nullable()])),
})

let table: { readonly content: z.infer<typeof Table>; readonly hash: string } | undefined
const tableOf = (): NonNullable<typeof table> => {
  if (table === undefined) {
    const text = readFileSync(new URL('../../../resources/classes/imagenet-groups.json', import.meta.url), 'utf8')
    table = { content: Table.parse(JSON.parse(text)), hash: createHash('sha256').update(text).digest('hex') }
  }
  return table
}

/** Hash of the table of groups, for the keys of what depends on it. */
export const wordnetTableHash = (): string => tableOf().hash

/** Below this share of classes with a known synset the groups would leave out too many of the others. */
const LEAST_KNOWN = 0.5

/**
 * Groups of classes by WordNet's hypernyms of their synsets: "dog", "vehicle"; groups of fewer than two classes of the
 * network are left out.
 * @returns undefined unless at least half of the classes have a synset of ImageNet's 1,000
 */
export function wordnetGroups(labels: readonly Label[]): readonly ClassGroup[] | undefined {
  const { groups, classes } = tableOf().content
  const groupOf = new Map(classes)
  const members = groups.map((): number[] => [])
  let known = 0
  for (const { index, synset } of labels) {
    if (!groupOf.has(synset)) continue
    known++
    for (let at = groupOf.get(synset) ?? null; at !== null; at = groups[at]!.parent) members[at]!.push(index)
  }
  if (known < LEAST_KNOWN * labels.length) return undefined
  const kept = groups.map((_, group) => group).filter(group => members[group]!.length >= 2)
  const place = new Map(kept.map((group, at) => [group, at]))
  return kept.map(group => {
    const { name, parent } = groups[group]!
    return { name, parent: parent === null ? null : place.get(parent)!, classes: members[group]! }
  })
}
