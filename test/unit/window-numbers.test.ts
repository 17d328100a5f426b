import { expect, test } from 'vitest'
import { decimal } from '../../renderer/ui/text.ts'

test('attributions of early layers, which are small, do not all read 0.00', () => {
  expect([0.4, -1.25, 0.0042, -0.00123, 0, 0.0099, 0.01].map(decimal)).toEqual([
    '0.40',
    '−1.25',
    '0.0042',
    '−0.0012',
    '0.00',
    '0.0099',
    '0.01',
  ])
})
