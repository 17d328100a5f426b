import { join } from 'node:path'
import { app } from 'electron'
import { pinnedNode } from '../engine/cli/pinned-node.mjs'

/** Paths of the application's parts. A package has the layout of the checkout, so the same paths serve both. */
export interface AppPaths {
  readonly page: string
  readonly preload: string
  readonly icon: string
  /** The pinned Node, and the script that is the engine. */
  readonly node: string
  readonly engine: string
  /** File for screenshots of the first window on a virtual display. */
  readonly picture: string | undefined
}

export function appPaths(): AppPaths {
  const root = app.getAppPath()
  const variable = (name: string): string | undefined => (app.isPackaged ? undefined : process.env[name] || undefined)
  return {
    page: variable('PORTOLAN_PAGE') ?? join(root, 'out/renderer'),
    preload: join(root, 'out/preload/preload.cjs'),
    icon: join(root, 'resources/icons/portolan.png'),
    // Without a bundled Node for this platform, the installed one.
    node: variable('PORTOLAN_NODE') ?? pinnedNode(join(root, 'package.json'))?.binary ?? 'node',
    // Tests set an engine and a page of their own; a package ignores these variables.
    engine: variable('PORTOLAN_ENGINE') ?? join(root, 'electron/engine/main.ts'),
    picture: variable('PORTOLAN_WINDOW_PICTURE'),
  }
}
