import type { ReactNode } from 'react'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { useProject } from '../state/project.ts'
import { number } from '../ui/text.ts'
import { classesText } from './plans.ts'
import css from './previous-runs.module.css'
import { reopen } from './reopen.ts'

/** The number listed; the others are shown when their class is chosen. */
const MAX_LISTED = 8

/** The class atlases or comparisons of the project. */
export function PreviousRuns({
  kind,
  classAtlases,
}: {
  readonly kind: 'class' | 'comparison'
  readonly classAtlases: readonly ClassAtlas[]
}): ReactNode {
  const { atlases, className } = useProject()
  const own = classAtlases.filter(a => a.scope.kind === kind && atlases.some(w => w.id === a.from))
  if (own.length === 0) return null
  return (
    <section aria-label="Previous runs" className={css['previous']}>
      <h3>Previous runs</h3>
      <ul className={css['runs']}>
        {own.slice(0, MAX_LISTED).map(atlas => {
          const { scope } = atlas
          const samples = atlases.find(w => w.id === atlas.from)?.samples ?? 0
          return (
            <li key={atlas.id}>
              <button type="button" onClick={() => reopen(atlas, samples)}>
                <span>{`${classesText(scope, className)} · ${atlas.layer}`}</span>
                <small>{`${number(scope.counts.after)} of ${number(scope.counts.before)} samples`}</small>
              </button>
            </li>
          )
        })}
      </ul>
      {own.length > MAX_LISTED && <p>{`Latest ${number(MAX_LISTED)} of ${number(own.length)}.`}</p>}
    </section>
  )
}
