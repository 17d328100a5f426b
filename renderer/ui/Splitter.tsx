import type { ReactNode } from 'react'
import css from './splitter.module.css'

interface SplitterProps {
  readonly label: string
  /** Of the panel, CSS pixels. */
  readonly width: number
  readonly minimum: number
  readonly maximum: number
  /** On which side of the splitter the panel lies. */
  readonly panel: 'left' | 'right'
  readonly onResize: (width: number) => void
}

const STEP = 16

/** The edge of a side panel, which changes its width by dragging or the arrow keys. */
export function Splitter({ label, width, minimum, maximum, panel, onResize }: SplitterProps): ReactNode {
  const resize = (to: number): void => onResize(Math.round(Math.min(maximum, Math.max(minimum, to))))
  const towards = panel === 'left' ? 1 : -1
  return (
    // biome-ignore lint/a11y/useSemanticElements: a splitter is a separator that moves
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={minimum}
      aria-valuemax={maximum}
      className={css['splitter']}
      data-panel={panel}
      onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={event => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(width + towards * event.movementX)
      }}
      onKeyDown={event => {
        if (event.key === 'ArrowLeft') resize(width - towards * STEP)
        if (event.key === 'ArrowRight') resize(width + towards * STEP)
      }}
    />
  )
}
