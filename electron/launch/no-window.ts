import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { UserError } from '../contract/errors.ts'
import { ended } from './child.ts'

/** No window can be opened. The message has the reason and the way out. */
export class NoWindow extends UserError {
  /** Whether the message names a command after which a window can be opened. */
  readonly namesCommand: boolean

  constructor(message: string, options: { readonly namesCommand?: boolean } = {}) {
    super(message)
    this.namesCommand = options.namesCommand ?? false
  }
}

/**
 * Prints why there is no window, and draws the demo's atlas instead.
 * @param root of the checkout
 * @returns the exit status
 */
export const drawInstead = async (root: string, why: NoWindow, print: (sentence: string) => void): Promise<number> => {
  print(why.message)
  print('no window can be opened, so the atlas is drawn to a picture instead, which takes a few minutes')
  const status = await drawDemo(root)
  // Progress has moved the command out of sight by now.
  if (status === 0 && why.namesCommand) print('once the command above has been run, npm start opens the window')
  return status
}

/** Draws the demo's atlas without a window, as a project and a picture in ./portolan-demo. */
const drawDemo = async (root: string): Promise<number> => {
  const cli = join(root, 'electron/engine/cli/portolan.mjs')
  const child = spawn(process.execPath, [cli, 'demo', '--out', 'portolan-demo'], { stdio: 'inherit' })
  return (await ended(child)).status
}
