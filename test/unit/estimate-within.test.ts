import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { estimateWithin } from '../../electron/engine/rpc/estimate-within.ts'

test('an estimate that takes too long is given up in a sentence; what else goes wrong is reported as it is', async () => {
  const slow = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      await wait(5)
      signal.throwIfAborted()
    }
  }
  const late = estimateWithin(0.02, 'publish', slow)
  await expect(late).rejects.toThrow(UserError)
  await expect(late).rejects.toThrow(/^no estimate within 0\.02 s: .*; publish without one, or try again/)
  const fault = new Error('a fault')
  await expect(estimateWithin(60, 'publish', () => Promise.reject(fault))).rejects.toBe(fault)
  expect(await estimateWithin(60, 'publish', async () => 3)).toBe(3)
})
