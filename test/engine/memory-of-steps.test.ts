import { expect, test } from 'vitest'
import { samplesOf } from '../memory/growth.ts'

// Thousands of steps, and whether they grow, are in test/long.
test.each(['cpu', 'tensorflow'] as const)('a process that makes steps on %s reports what it holds', async runtime => {
  const samples = await samplesOf(runtime, { steps: 12, every: 4 })
  expect(samples.length).toBeGreaterThan(1)
  for (const { step, rss, tensors } of samples) {
    expect(step).toBeGreaterThan(0)
    expect(rss).toBeGreaterThan(2 ** 25)
    expect(tensors > 0).toBe(runtime === 'tensorflow')
  }
})
