#!/usr/bin/env node
// The launcher: plain JavaScript that any Node can read. Everything else runs under the Node that package.json pins,
// because native modules and TypeScript without a build step want that one.
import { fileURLToPath } from 'node:url'
import { canRunHere, handOver, pinnedNode } from './pinned-node.mjs'

const pinned = pinnedNode(import.meta.url)
if (pinned !== undefined && pinned.version !== process.versions.node)
  handOver(pinned.binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)])
else if (canRunHere()) await import('./main.ts')
else process.exitCode = 1
