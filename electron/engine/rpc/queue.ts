import { ChosenQueue } from '../queue/chosen.ts'
import { queueState } from '../queue/state.ts'
import type { Calls } from './handlers.ts'

export const queueCalls: Calls<'queue'> = {
  'queue.state': () => queueState(new ChosenQueue().url),
}
