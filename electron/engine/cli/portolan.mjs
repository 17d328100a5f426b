#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Everything else runs under the Node that package.json pins,
// because native modules and TypeScript without a build step want that one.
import { fileURLToPath } from 'node:url'
import { canRunHere, handOver, pinnedNode } from './pinned-node.mjs'

const pinned = pinnedNode(import.meta.url)
// Always a process of its own, also under the same Node: nothing within a process can end it while its main thread is
// inside a call that does not return, and handles no signal.
if (pinned !== undefined || canRunHere())
  handOver(
    pinned?.binary ?? process.execPath,
    [fileURLToPath(new URL('main.ts', import.meta.url)), ...process.argv.slice(2)],
    { answers: true },
  )
else process.exitCode = 1
