import type { ReactNode } from 'react'
import { useProject } from '../state/project.ts'
import { Button, Empty } from '../ui/controls.tsx'
import { useGraphics } from './graphics.ts'
import css from './pane.module.css'

/** In place of a map that cannot be drawn: the reason and the remedy. */
export function NoMap({ pane }: { readonly pane: number }): ReactNode {
  const failure = useGraphics(state => state.failure[pane])
  const published = useProject().published !== null
  if (failure === undefined) return null
  return (
    <div role="alert" className={css['trouble']}>
      {failure === 'absent' ? (
        <Empty title="The map cannot be drawn">
          <p>
            {published ? (
              'Maps need WebGL 2, which this browser does not have, or does not allow here. Another browser may.'
            ) : (
              <>
                Maps need WebGL 2, which is not available. Update the graphics driver, or start Portolan with
                --use-angle=swiftshader --enable-unsafe-swiftshader for software rendering. Everything else works, and
                “portolan atlas export” writes maps to image files.
              </>
            )}
          </p>
        </Empty>
      ) : (
        <Empty title="The graphics context was lost">
          <p>
            The map is restored when the GPU recovers. If it is not, close some panes or other programs that use the
            GPU, and reload the {published ? 'page' : 'window; nothing in the project is lost'}.
          </p>
          <Button onClick={() => location.reload()}>{published ? 'Reload the page' : 'Reload the window'}</Button>
        </Empty>
      )}
    </div>
  )
}
