import type { ReactNode } from 'react'
import type { ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import { useProject } from '../state/project.ts'
import { number } from '../ui/text.ts'
import css from './compare.module.css'
import { reopen } from './reopen.ts'

/** Listed at first glance; the others are found by choosing their class. */
const MOST = 8

/** Class atlases or comparisons that the project has already. */
export function Made({
  kind,
  scoped,
}: {
  readonly kind: 'class' | 'comparison'
  readonly scoped: readonly ScopedAtlas[]
}): ReactNode {
  const { atlases, className } = useProject()
  const own = scoped.filter(a => a.scope.kind === kind && atlases.some(w => w.id === a.from))
  if (own.length === 0) return null
  return (
    <section aria-label="Made before" className={css['before']}>
      <h3>Made before</h3>
      <ul className={css['made']}>
        {own.slice(0, MOST).map(atlas => {
          const { scope } = atlas
          const name =
            scope.kind === 'class' ? className(scope.class) : `${className(scope.left)} | ${className(scope.right)}`
          const samples = atlases.find(w => w.id === atlas.from)?.samples ?? 0
          return (
            <li key={atlas.id}>
              <button type="button" onClick={() => reopen(atlas, samples)}>
                <span>{`${name} · ${atlas.layer}`}</span>
                <small>{`${number(scope.counts.after)} of ${number(scope.counts.before)} samples`}</small>
              </button>
            </li>
          )
        })}
      </ul>
      {own.length > MOST && <p>{`${number(MOST)} of ${number(own.length)}, the youngest.`}</p>}
    </section>
  )
}
