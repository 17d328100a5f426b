/** Caption and labels of the figure of the pane of a class atlas or comparison. */
export interface PaneDescription {
  readonly layer: string
  readonly caption: string
  /** The axis of a comparison: logits at its right end, the class at each end, and its title; null: there is none. */
  readonly axis: {
    readonly scale: number
    readonly left: string
    readonly right: string
    readonly title: string
  } | null
}

/** The descriptions of all mounted class atlases and comparisons, by pane id. */
export const describedPanes = new Map<number, PaneDescription>()
