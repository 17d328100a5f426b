import type { QueueState } from '../../contract/queue.ts'
import { ChosenQueue } from '../queue/chosen.ts'
import type { Calls } from './handlers.ts'

const NONE: QueueState = { address: null, problem: null, waiting: 0, active: 0, workers: [] }

export const queueCalls: Calls<'queue'> = {
  'queue.state': async () => {
    const { url } = new ChosenQueue()
    // Loading the library of queues takes half a second.
    return url === null ? NONE : (await import('../queue/state.ts')).queueState(url)
  },
}
