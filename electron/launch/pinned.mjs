// Runs a command with the Node that package.json pins: `node electron/launch/pinned.mjs COMMAND ARGUMENTS`. The scripts of
// package.json begin with it, because npm runs them under whatever Node the machine has. Plain JavaScript, for that Node.
import { delimiter, dirname } from 'node:path'
import { canRunHere, handOver, pinnedNode } from '../engine/cli/pinned-node.mjs'

const [command, ...args] = process.argv.slice(2)
const pinned = pinnedNode(import.meta.url)
if (pinned !== undefined) process.env.PATH = `${dirname(pinned.binary)}${delimiter}${process.env.PATH}`
if (pinned !== undefined || canRunHere())
  handOver(command === 'node' ? (pinned?.binary ?? process.execPath) : command, args)
else process.exitCode = 1
