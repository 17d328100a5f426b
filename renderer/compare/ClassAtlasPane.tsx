import type { ReactNode } from 'react'
import { useClassAtlasForm } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { useTheme } from '../state/settings.ts'
import { Empty } from '../ui/controls.tsx'
import { ClassAtlasMap } from './ClassAtlasMap.tsx'
import css from './class-atlas-map.module.css'
import { type PaneContent, requestAtlases } from './class-atlases.ts'
import { Pending } from './Pending.tsx'

interface ClassAtlasPaneProps {
  /** Id of the pane; those of the atlas view are smaller. */
  readonly id: number
  readonly content: PaneContent
  /** In a comparison left and right. */
  readonly classes: readonly number[]
  readonly panes: number
}

/** One class atlas or comparison, or the job that builds it. */
export function ClassAtlasPane({ id, content, classes, panes }: ClassAtlasPaneProps): ReactNode {
  const { source, atlas, requested } = content
  const { className } = useProject()
  const theme = useTheme(state => state.theme)
  const submitting = useClassAtlasForm(state => state.submitting)
  return (
    <section className={css['pane']} aria-label={`${source.layer}: ${classes.map(className).join(' and ')}`}>
      {atlas ? (
        // Camera, hover and grid belong to one atlas, the background of the map to the theme.
        <ClassAtlasMap
          key={`${atlas.id} ${theme}`}
          id={id}
          content={content}
          atlas={atlas}
          classes={classes}
          panes={panes}
        />
      ) : (
        <>
          <header className={css['head']}>
            <h2>{source.layer}</h2>
          </header>
          <div className={css['stage']}>
            {requested?.job ? (
              <Pending job={requested.job} slim={false} onRetry={() => void requestAtlases([source], classes)} />
            ) : submitting ? (
              <Empty title="Counting samples…" busy />
            ) : (
              <Empty
                title={classes.length === 1 ? `No class atlas of ${className(classes[0]!)} yet` : 'Not compared yet'}
              >
                <p>
                  {classes.length === 1
                    ? 'The counts above are the samples that it would contain. Building it takes seconds; icons follow.'
                    : 'The counts above are the samples that pass the filter for either class. Building it takes seconds; icons follow.'}
                </p>
              </Empty>
            )}
          </div>
        </>
      )}
    </section>
  )
}
