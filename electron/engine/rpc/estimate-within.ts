import { UserError } from '../../contract/errors.ts'

/**
 * An estimate that a window waits for.
 * @param instead what can be done without it: `build`
 * @throws UserError where it takes longer
 */
export async function estimateWithin<T>(
  seconds: number,
  instead: string,
  estimate: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await estimate(AbortSignal.timeout(1000 * seconds))
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error
    throw new UserError(
      `no estimate within ${seconds} s: this machine is busy; ${instead} without one, or try again when no job runs`,
    )
  }
}
