import { join } from 'node:path'
import { app } from 'electron'
import { pinnedNode } from '../engine/cli/pinned-node.mjs'

/** Where the parts of the application lie. A package is laid out as the checkout is, so one answer serves both. */
export interface Places {
  readonly page: string
  readonly preload: string
  readonly icon: string
  /** The pinned Node, and the script that is the engine. */
  readonly node: string
  readonly engine: string
  /** Where to save pictures of the first window, when it is on a virtual display. */
  readonly picture: string | undefined
}

export const places = (): Places => {
  const root = app.getAppPath()
  const set = (name: string): string | undefined => (app.isPackaged ? undefined : process.env[name] || undefined)
  return {
    page: set('PORTOLAN_PAGE') ?? join(root, 'out/renderer'),
    preload: join(root, 'out/preload/preload.cjs'),
    icon: join(root, 'resources/icons/portolan.png'),
    // Where no package carries a Node for this machine, the one that is installed on it.
    node: set('PORTOLAN_NODE') ?? pinnedNode(join(root, 'package.json'))?.binary ?? 'node',
    // Tests put an engine of their own here, and a page of their own above. A package doesn't look.
    engine: set('PORTOLAN_ENGINE') ?? join(root, 'electron/engine/main.ts'),
    picture: set('PORTOLAN_WINDOW_PICTURE'),
  }
}
