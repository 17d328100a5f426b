import { type ReactNode, useState } from 'react'
import ui from '../ui/ui.module.css'
import { numbersOf } from './description.ts'

interface NumbersFieldProps {
  readonly label: string
  readonly value: readonly number[]
  readonly onChange: (value: readonly number[]) => void
}

/** A field of several numbers, separated by commas. While they are not so many, the last ones stay. */
export function NumbersField({ label, value, onChange }: NumbersFieldProps): ReactNode {
  const [text, setText] = useState<string | null>(null)
  const valid = text === null || numbersOf(text, value.length) !== undefined
  return (
    <label>
      {label}
      <input
        className={ui['input']}
        aria-invalid={!valid}
        value={text ?? value.join(', ')}
        onChange={event => {
          setText(event.target.value)
          const numbers = numbersOf(event.target.value, value.length)
          if (numbers) onChange(numbers)
        }}
        onBlur={() => setText(null)}
      />
    </label>
  )
}
