/** A runtime's own thread, which gives up its garbage every so many runs, and then tells what it holds. */
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import type { Request } from '../../electron/engine/runtime/protocol.ts'
import { TOLD, type WatchedSettings } from './watched-settings.ts'

const { worker, every, kind } = workerData as WatchedSettings
const told = new BroadcastChannel(TOLD)
told.unref()
await import(worker)

let runs = 0
// Asked over a channel of its own it would answer late: the thread turns to others when it has no request left.
parentPort?.on('message', ({ kind: request }: Request) => {
  if (request !== 'run' || ++runs % every > 0) return
  globalThis.gc?.()
  told.postMessage(kind === undefined ? 0 : tf.memory().numTensors)
})
