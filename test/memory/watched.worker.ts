/** A runtime's own thread, which gives up its garbage every so many runs, and then reports what it holds. */
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import type { Request } from '../../electron/engine/runtime/protocol.ts'
import { REPORTS, type WatchedSettings } from './watched-settings.ts'

const { worker, every, kind } = workerData as WatchedSettings
const reports = new BroadcastChannel(REPORTS)
reports.unref()
await import(worker)

let runs = 0
// Requests over a channel of its own would be served late: the thread turns to others when it has no request left.
parentPort?.on('message', ({ kind: request }: Request) => {
  if (request !== 'run' || ++runs % every > 0) return
  globalThis.gc?.()
  reports.postMessage(kind === undefined ? 0 : tf.memory().numTensors)
})
