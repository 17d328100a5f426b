/** `npm run test:e2e` and `npm run test:long`: the test files of a folder, all of them or those that are named. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UserError } from '../electron/contract/errors.ts'
import { runScript, type Script } from './fixtures/parts.ts'

const suites = {
  e2e: 'The window, in a real Electron. Installs Debian packages where you are root or have sudo without a password.',
  long: 'Tests that take longer than minutes: an hour in all.',
}

const root = join(import.meta.dirname, '..')
const suite = process.argv[2] === 'long' ? 'long' : 'e2e'
const folder = join(import.meta.dirname, suite)
const files = readdirSync(folder).filter(name => name.endsWith('.test.ts'))

/** The subject of a file: its first test or group. */
const about = (file: string): string =>
  /^ *(?:describe|test|it)(?:\.\w+\([^)]*\))?\(\s*['`]([^'`$]+)/m
    .exec(readFileSync(join(folder, file), 'utf8'))?.[1]
    ?.trim() ?? ''

const script: Script = {
  command: `npm run test:${suite}`,
  about: suites[suite],
  parts: Object.fromEntries(files.map(file => [file.replace('.test.ts', ''), about(file)])),
  options: {},
}

const node = (...args: readonly string[]): number =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1

await runScript(script, process.argv.slice(3), async ({ parts }) => {
  if (suite === 'e2e' && node('electron/tools/prepare-tests.ts') !== 0)
    throw new UserError(`${script.command}: the window cannot be opened here, for the reason above`)
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  process.exitCode = node(
    vitest,
    ...['run', '--config', `vitest.${suite}.config.ts`],
    ...parts.map(part => `test/${suite}/${part}.test.ts`),
  )
})
