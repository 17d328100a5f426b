import type { ReactNode } from 'react'
import { Segments } from '../ui/controls.tsx'

/** Chooses the sign of the attributions that are listed. */
export const SignSegments = ({
  sign,
  onChange,
}: {
  readonly sign: 'for' | 'against'
  readonly onChange: (sign: 'for' | 'against') => void
}): ReactNode => (
  <Segments
    label="Sign"
    value={sign}
    options={[
      ['for', 'Positive'],
      ['against', 'Negative'],
    ]}
    onChange={onChange}
  />
)
