import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { UserError } from '../contract/errors.ts'

/** This machine can open no window. Its message says why, and what would change that. */
export class NoWindow extends UserError {}

/**
 * Draws the demo's atlas without a window, as a project and a picture in ./portolan-demo.
 * @param root of the checkout
 * @returns the exit status
 */
export const drawDemo = (root: string): Promise<number> => {
  const cli = join(root, 'electron/engine/cli/portolan.mjs')
  const child = spawn(process.execPath, [cli, 'demo', '--out', 'portolan-demo'], { stdio: 'inherit' })
  // The terminal sends its own Ctrl+C to both; a signal to us alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128))
  })
}
