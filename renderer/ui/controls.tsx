import { LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react'
import { decimal } from './text.ts'
import css from './ui.module.css'

export function join(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary'
}

export function Button({ look = 'plain', className, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" className={join(css['button'], look === 'primary' && css['primary'], className)} {...rest} />
  )
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The accessible name, also shown as a tooltip. */
  readonly label: string
  readonly pressed?: boolean
}

export function IconButton({ label, pressed, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      className={join(css['button'], css['icon'], className)}
      {...rest}
    />
  )
}

interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  readonly label: string
}

export function Select({ label, className, ...rest }: SelectProps): ReactNode {
  return <select aria-label={label} title={label} className={join(css['select'], className)} {...rest} />
}

interface SegmentsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [value: T, text: string, hint?: string])[]
  readonly onChange: (value: T) => void
}

/** A few choices side by side, one of them pressed. */
export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <div role="group" aria-label={label} className={css['segments']}>
      {options.map(([option, text, hint]) => (
        <button
          key={option}
          type="button"
          title={hint}
          aria-pressed={option === value}
          onClick={() => onChange(option)}
        >
          {text}
        </button>
      ))}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly children?: ReactNode
  readonly busy?: boolean
}

/** A placeholder for an empty or loading view: a sentence and, where there is one, the next action. */
export function Empty({ title, children, busy }: EmptyProps): ReactNode {
  return (
    <div className={css['empty']} role={busy ? 'status' : undefined}>
      {busy && <LoaderCircle className={css['spin']} size={20} aria-hidden />}
      <h2>{title}</h2>
      {children}
    </div>
  )
}

export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }): ReactNode {
  return (
    <div className={css['empty']} role="alert">
      <h2>Something went wrong</h2>
      <p>{error.message}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  )
}

interface Bar {
  readonly key: number
  readonly name: string
  readonly value: number
}

interface BarsProps {
  readonly bars: readonly Bar[]
  readonly colour: string
  readonly format?: (value: number) => string
  readonly onPick?: (key: number) => void
  readonly hint?: string
}

/** Values as bars, relative to the largest of them. */
export function Bars({ bars, colour, format = decimal, onPick, hint }: BarsProps): ReactNode {
  const largest = Math.max(1e-9, ...bars.map(b => Math.abs(b.value)))
  return (
    <ul className={css['bars']}>
      {bars.map(bar => {
        const content = (
          <>
            <span title={bar.name}>{bar.name}</span>
            <i aria-hidden>
              <b style={{ width: `${(100 * Math.abs(bar.value)) / largest}%`, background: colour }} />
            </i>
            <output>{format(bar.value)}</output>
          </>
        )
        return (
          <li key={bar.key}>
            {onPick ? (
              <button type="button" className={css['bar']} title={hint} onClick={() => onPick(bar.key)}>
                {content}
              </button>
            ) : (
              <div className={css['bar']}>{content}</div>
            )}
          </li>
        )
      })}
    </ul>
  )
}

export function Progress({ done, total, label }: { done: number; total: number; label: string }): ReactNode {
  return (
    <div
      className={css['progress']}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      <b style={{ width: `${total > 0 ? (100 * done) / total : 0}%` }} />
    </div>
  )
}
