import type { ReactNode } from 'react'
import { Button, Empty } from '../ui/controls.tsx'
import { useGraphics } from './graphics.ts'
import css from './pane.module.css'

/** In place of a map that cannot be drawn: why, and the way out. Nothing where it can. */
export function NoMap({ pane }: { readonly pane: number }): ReactNode {
  const trouble = useGraphics(state => state.trouble[pane])
  if (trouble === undefined) return null
  return (
    <div role="alert" className={css['trouble']}>
      {trouble === 'absent' ? (
        <Empty title="The map cannot be drawn">
          <p>
            This window has no WebGL 2, which maps are drawn with. Update the driver of the graphics processor, or start
            Portolan with --use-angle=swiftshader --enable-unsafe-swiftshader, which draws without one. Everything else
            works, and portolan atlas export draws maps as pictures.
          </p>
        </Empty>
      ) : (
        <Empty title="The graphics processor has stopped drawing">
          <p>
            The map comes back by itself when it answers again. If it does not, close some panes or other programs that
            draw much, and reload the window; nothing of the project is lost.
          </p>
          <Button onClick={() => location.reload()}>Reload the window</Button>
        </Empty>
      )}
    </div>
  )
}
