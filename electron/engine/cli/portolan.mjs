#!/usr/bin/env node
// The launcher: plain JavaScript for any version of Node. Everything else runs under the Node that package.json pins,
// which native modules and TypeScript without a build step require.
import { fileURLToPath } from 'node:url'
import { canRunHere, handOver, pinnedNode } from './pinned-node.mjs'

const pinned = pinnedNode(import.meta.url)
// Always a separate process, also under the same Node: nothing within a process can end it while its main thread is
// inside a call that does not return and handles no signal.
if (pinned !== undefined || canRunHere())
  handOver(
    pinned?.binary ?? process.execPath,
    [fileURLToPath(new URL('main.ts', import.meta.url)), ...process.argv.slice(2)],
    { acknowledges: true },
  )
else process.exitCode = 1
