#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Everything else runs under the one Node that the `node` package
// pins, because native modules and TypeScript without a build step want that one.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const pinned = pinnedNode()
if (pinned === undefined || pinned.version === process.versions.node) {
  if (Number.parseInt(process.versions.node, 10) < 24) {
    process.stderr.write(
      `portolan: needs Node 24, this is ${process.versions.node}, and its own is not installed; run npm install where portolan lies\n`,
    )
    process.exit(1)
  }
  await import('./main.ts')
} else runUnder(pinned.binary)

/** Where the `node` package lies, beside us or in whatever we were installed into; undefined where there is none. */
function pinnedNode() {
  try {
    const file = createRequire(import.meta.url).resolve('node/package.json')
    const { version, bin } = JSON.parse(readFileSync(file, 'utf8'))
    return { version, binary: join(dirname(file), typeof bin === 'string' ? bin : bin.node) }
  } catch {
    return undefined
  }
}

function runUnder(binary) {
  // Listened for first: a signal that comes while the other is being started is passed on as soon as it has started.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  // The channel tells the child when we are gone, so that a killed launcher leaves no work behind that nobody sees.
  const child = spawn(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.on('error', error => {
    process.stderr.write(`portolan: cannot start ${binary}: ${error.message}; npm install repairs it\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}
