import type { ReactNode } from 'react'
import { ClassAtlasPane } from './ClassAtlasPane.tsx'
import type { PaneContent } from './class-atlases.ts'
import css from './compare.module.css'

interface ClassAtlasPanesProps {
  /** Id of the first pane; the others follow. */
  readonly first: number
  readonly contents: readonly PaneContent[]
  readonly classes: readonly number[]
}

/** Class atlases or comparisons of some layers, side by side. */
export function ClassAtlasPanes({ first, contents, classes }: ClassAtlasPanesProps): ReactNode {
  return (
    <div className={css['panes']} data-many={contents.length > 3}>
      {contents.map((content, k) => (
        <ClassAtlasPane
          key={content.source.id}
          id={first + k}
          content={content}
          classes={classes}
          panes={contents.length}
        />
      ))}
    </div>
  )
}
