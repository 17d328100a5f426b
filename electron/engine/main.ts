import { Inference } from './jobs/runtimes/inference.ts'
import { createServer } from './rpc.ts'

/** The engine as a process of its own: what main starts, speaks to over the channel, and starts again when it dies. */
if (process.send === undefined) {
  process.stderr.write(
    'portolan: this is the engine of the window; start it with npm start, or use the command portolan\n',
  )
  process.exit(2)
}

const inference = new Inference()
let ending = false

const end = async (): Promise<void> => {
  if (ending) return
  ending = true
  await server.close()
  await inference.close()
  process.exit(0)
}

const server = createServer(
  message => {
    // Between the last answer and the end the other side may have gone.
    if (process.connected) process.send?.(message)
  },
  inference,
  () => void end(),
)
process.on('message', message => void server.hear(message))
// Main has gone, whatever became of it: what runs is interrupted and can be resumed.
process.on('disconnect', () => void end())
process.send({ kind: 'ready' })
