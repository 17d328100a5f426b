import { spawnSync } from 'node:child_process'
import { installPackages } from '../launch/libraries.ts'

/** For continuous integration: installs the server that tests of the queue need, and are skipped without, where it may. */
const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

if (process.platform === 'linux' && !has('redis-server') && !has('valkey-server')) {
  const refusal = await installPackages(['redis-server'], print)
  if (refusal !== undefined) print(`there is no redis-server, so that tests of the queue are skipped: ${refusal}`)
}
