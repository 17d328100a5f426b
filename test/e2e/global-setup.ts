import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildAll } from '../../electron/launch/build.ts'
import { openDisplay } from '../../electron/launch/display.ts'
import { canSandbox, electronFlags } from '../../electron/launch/flags.ts'
import { requireLibraries } from '../../electron/launch/libraries.ts'
import { findRuntime } from '../../electron/launch/runtime.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly electron: {
      readonly executable: string
      readonly folder: string
      readonly flags: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  }
}

/** Builds the window once and opens one virtual display for all tests: a real one would be in someone's way. */
export default async (project: TestProject): Promise<() => void> => {
  const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)
  const { executable, folder } = await findRuntime({ print, fetch: true, standIn: true })
  requireLibraries(executable)
  await buildAll(join(import.meta.dirname, '../..'))
  const display = await openDisplay({ alwaysVirtual: true })
  project.provide('electron', {
    executable,
    folder,
    flags: [...electronFlags(display, canSandbox(folder))],
    env: display.env,
  })
  return () => display.close()
}
