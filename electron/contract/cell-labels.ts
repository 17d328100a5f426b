import { z } from 'zod'
import { ClassIndex, Float32s, Int16s, ShownText, Uint8s } from './values.ts'

/** A group of a network's classes. Parents come before their children. */
export interface ClassGroup {
  readonly name: string
  /** Index of the group that it is part of; null at the top. */
  readonly parent: number | null
  /** Indices of all of its classes, also of those in groups within it. */
  readonly classes: readonly number[]
}

/** Where the groups come from: WordNet's hypernyms of ImageNet's synsets, or a clustering of the weights of the logits. */
export const GroupSource = z.enum(['wordnet', 'weights'])
export type GroupSource = z.infer<typeof GroupSource>

/** Two halves of a cell's photographs agree on what is shown as its label in at least this share of random splits. */
export const MIN_AGREEMENT = 0.8
/**
 * At most this share of the labels of a grid are expected to be wrong, where a grid without labels counts as 0: among those of
 * the grids that have any it is larger, twice where half of such grids have none.
 */
export const MAX_FALSE_SHARE = 0.1

/** The label of a cell: a class, or where no single class is reliable the most specific group of classes that is. */
export const CellLabel = z
  .object({
    kind: z.enum(['class', 'group']),
    name: ShownText,
    /** Of a class. */
    class: ClassIndex.nullable(),
    /** Number of classes: 1 of a class. */
    classes: z.int().min(1),
    /** Share of random splits of the cell's photographs whose two halves both result in it. */
    agreement: z.number().min(0).max(1),
  })
  .readonly()
export type CellLabel = z.infer<typeof CellLabel>

/** 0: no class and no group is reliable. */
export const LabelKind = { none: 0, class: 1, group: 2 } as const

/** The labels of the shown cells of a grid, in the order of `Cells`. */
export const GridLabels = z
  .object({
    kind: Uint8s,
    /** A class, or an index of `groups`; −1 for none. */
    index: Int16s,
    /** 0 for none. */
    agreement: Float32s,
    /** The groups that are the label of some cell. */
    groups: z.array(z.object({ name: ShownText, classes: z.int().min(1) }).readonly()).readonly(),
    /** Null where the network's classes have no groups. */
    source: GroupSource.nullable(),
    /** Why the labels are unknown; null where they are known. */
    note: ShownText.nullable(),
  })
  .readonly()
export type GridLabels = z.infer<typeof GridLabels>

/** As a project stores them: of each shown cell in row-major order, kind, class or index of `groups`, and agreement. */
export const StoredLabels = z.object({
  source: GroupSource.nullable(),
  groups: z.array(z.object({ name: z.string(), classes: z.array(z.int().min(0).max(65_535)).min(1) })),
  cells: z.array(
    z.tuple([z.enum(['class', 'group']), z.int().min(0).max(65_535), z.number().min(0).max(1)]).nullable(),
  ),
})
export type StoredLabels = z.infer<typeof StoredLabels>

/** `dog (group)`: a group is never written as if it were a class. */
export const labelName = ({ kind, name }: Pick<CellLabel, 'kind' | 'name'>): string =>
  kind === 'group' ? `${name} (group)` : name

/** `dog (group), agreement 0.93`. */
export const labelText = (label: Pick<CellLabel, 'kind' | 'name' | 'agreement'>): string =>
  `${labelName(label)}, agreement ${label.agreement.toFixed(2)}`

/** The rule for labels, for hints and captions. */
export const labelRule = `labels: the class with the largest mean attribution, or the most specific group of classes, if random halves of the cell's photographs agree on it in at least ${100 * MIN_AGREEMENT} % of splits (agreement) and its lead is significant (false-discovery rate ${MAX_FALSE_SHARE} over the cells)`

/** What is written where a cell has no label. */
export const noLabelText = 'no reliable label'
