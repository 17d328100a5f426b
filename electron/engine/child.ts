import type { Inference } from './inference/inference.ts'
import { watchParent } from './lifetime/watchdog.ts'
import { createServer } from './rpc.ts'

/** Serves main over the channel of this process until main disconnects or stops it. */
export function serveMain(inference: Inference): void {
  if (process.send === undefined) {
    process.stderr.write(
      'portolan: this is the engine of the window; start it with npm start, or use the command portolan\n',
    )
    process.exit(2)
  }

  watchParent()
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
      // Main may disconnect between the last result and the end.
      if (process.connected) process.send?.(message)
    },
    inference,
    () => void end(),
  )
  process.on('message', message => void server.receive(message))
  // Main has disconnected: running jobs are interrupted and can be resumed.
  process.on('disconnect', () => void end())
  process.send({ kind: 'ready' })
}
