import { setImmediate } from 'node:timers/promises'

/** Lets messages and cancellation in between two blocks of work. Throws the signal's reason when cancelled. */
export const yieldToEventLoop = async (signal: AbortSignal): Promise<void> => {
  await setImmediate()
  signal.throwIfAborted()
}
