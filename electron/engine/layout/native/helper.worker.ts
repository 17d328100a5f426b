import { parentPort, workerData } from 'node:worker_threads'
import { instantiate } from './kernel.ts'
import type { HelperCall, HelperData, HelperReply } from './team.ts'

/** A helping thread of `Team`. */
const { module, memory, thread, threads }: HelperData = workerData
const port = parentPort
if (port === null) throw new Error('layout/native/helper.worker.ts must run in a worker thread')
const kernel = instantiate(module, memory, thread)
const send = (reply: HelperReply): void => port.postMessage(reply)
port.on('message', ({ name, args }: HelperCall) => {
  try {
    send({ value: kernel[name](...args, thread, threads) })
  } catch (error) {
    send({ error })
  }
})
