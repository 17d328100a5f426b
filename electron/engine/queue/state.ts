import { Queue } from 'bullmq'
import { UserError } from '../../contract/errors.ts'
import type { QueueState } from '../../contract/queue.ts'
import { queueAddress } from './address.ts'
import { connected, PREFIX, queueName } from './connection.ts'
import { workersOf } from './registry.ts'

/** What is going on in a queue: its workers, and units that wait or are performed. */
export async function queueState(url: string): Promise<QueueState> {
  const address = queueAddress(url)
  const none = { address: address.shown, waiting: 0, active: 0, workers: [] }
  try {
    const redis = await connected(address)
    const queue = new Queue(queueName(), { connection: redis, prefix: PREFIX })
    queue.on('error', () => {})
    try {
      const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active')
      const waiting = (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0) + (counts['delayed'] ?? 0)
      return { ...none, problem: null, waiting, active: counts['active'] ?? 0, workers: await workersOf(redis) }
    } finally {
      await queue.close()
      redis.disconnect()
    }
  } catch (error) {
    if (error instanceof UserError) return { ...none, problem: error.message }
    throw error
  }
}
