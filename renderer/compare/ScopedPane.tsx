import type { ReactNode } from 'react'
import { useProject } from '../state/project.ts'
import { useScopes } from '../state/scopes.ts'
import { Empty } from '../ui/controls.tsx'
import css from './compare.module.css'
import { Pending } from './Pending.tsx'
import { ScopedMap } from './ScopedMap.tsx'
import { ask, type Place } from './use-scoped.ts'

interface ScopedPaneProps {
  /** Names the pane's part of the selection; those of the atlas view are smaller. */
  readonly id: number
  readonly place: Place
  /** As they are drawn: of a comparison, left and right. */
  readonly classes: readonly number[]
  readonly panes: number
}

/** One class atlas or comparison, or the job that makes it. */
export function ScopedPane({ id, place, classes, panes }: ScopedPaneProps): ReactNode {
  const { source, atlas, asked } = place
  const { className } = useProject()
  const asking = useScopes(state => state.asking)
  return (
    <section className={css['pane']} aria-label={`${source.layer}: ${classes.map(className).join(' and ')}`}>
      {atlas ? (
        // Another atlas is another scene: cameras, hover and grids do not carry over.
        <ScopedMap key={atlas.id} id={id} place={place} atlas={atlas} classes={classes} panes={panes} />
      ) : (
        <>
          <header className={css['head']}>
            <h2>{source.layer}</h2>
          </header>
          <div className={css['stage']}>
            {asked?.job ? (
              <Pending job={asked.job} slim={false} onAgain={() => void ask([source], classes)} />
            ) : asking ? (
              <Empty title="Counting samples" busy />
            ) : (
              <Empty
                title={classes.length === 1 ? `No class atlas of ${className(classes[0]!)} yet` : 'Not compared yet'}
              >
                <p>
                  {classes.length === 1
                    ? 'The counts above say how many samples it would hold. Making one takes seconds; its icons come after.'
                    : 'The counts above say how many samples speak for either class. Comparing takes seconds; icons come after.'}
                </p>
              </Empty>
            )}
          </div>
        </>
      )}
    </section>
  )
}
