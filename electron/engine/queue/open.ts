import type { Workers } from '../units/workers.ts'

/**
 * Joins a queue for one build. Its library is loaded here: that takes half a second, and most jobs have no queue.
 * @param note receives what a user should know
 * @throws UserError when the queue cannot be reached
 */
export const openQueue = async (url: string, note: (text: string) => void): Promise<Workers> =>
  (await import('./coordinator.ts')).QueueWorkers.open(url, note)
