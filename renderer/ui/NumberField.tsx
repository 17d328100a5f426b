import type { ReactNode } from 'react'
import { wholeNumber } from './text.ts'
import ui from './ui.module.css'

interface NumberFieldProps {
  readonly label: string
  readonly value: number
  readonly min?: number
  readonly max?: number
  readonly step?: number
  /** Minimum of what is typed, where that may be less than `min` on the way to it. */
  readonly floor?: number
  /** A hint below the field. */
  readonly children?: ReactNode
  readonly onChange: (value: number) => void
}

/** A whole number with its label. */
export function NumberField({
  label,
  value,
  min = 0,
  max,
  step,
  floor = min,
  children,
  onChange,
}: NumberFieldProps): ReactNode {
  return (
    <label>
      {label}
      <input
        className={ui['input']}
        type="number"
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={e => onChange(wholeNumber(e.target.value, floor, max))}
      />
      {children}
    </label>
  )
}
