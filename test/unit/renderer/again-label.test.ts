import { expect, it } from 'vitest'
import { againLabel } from '../../../renderer/jobs/again-label.ts'

it('offers to try a failed job again, and to resume one that was cancelled or interrupted', () => {
  expect(againLabel('failed')).toBe('Try again')
  expect(againLabel('cancelled')).toBe('Resume')
  expect(againLabel('interrupted')).toBe('Resume')
})
