import { setImmediate } from 'node:timers/promises'

/** Lets messages and cancellation in between two blocks of work. Throws the signal's reason when cancelled. */
export const breathe = async (signal: AbortSignal): Promise<void> => {
  await setImmediate()
  signal.throwIfAborted()
}
