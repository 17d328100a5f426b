import type { Inference } from './inference/inference.ts'
import { watchParent } from './lifetime/watchdog.ts'
import { createServer } from './rpc.ts'

/** Answers main over the channel of this process until main leaves, or wants the process to end. */
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
}
