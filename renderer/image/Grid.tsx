import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import page from '../ui/page.module.css'
import { mosaic } from './mosaic.ts'

/** 0-based, row first. */
export interface Position {
  readonly row: number
  readonly column: number
}

interface GridProps {
  /** Accessible name. */
  readonly label: string
  readonly height: number
  readonly width: number
  /** Row-major; null until rendered. Empty: the positions alone, over a photograph. */
  readonly icons: readonly (string | null)[]
  readonly at: Position | null
  readonly onChoose: (at: Position) => void
}

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
}

const area = (row: number, column: number, rows = 1, columns = 1): string =>
  `${row + 1} / ${column + 1} / span ${rows} / span ${columns}`

/** An icon per position of a layer, coarse blocks first. Tab reaches one of them, the arrow keys the others. */
export function Grid({ label, height, width, icons, at, onChoose }: GridProps): ReactNode {
  const { key: project } = useProject()
  const box = useRef<HTMLDivElement>(null)
  const focused = at ?? { row: 0, column: 0 }
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]
    if (!step) return
    event.preventDefault()
    const row = Math.min(height - 1, Math.max(0, focused.row + step[0]))
    const column = Math.min(width - 1, Math.max(0, focused.column + step[1]))
    onChoose({ row, column })
    box.current?.querySelectorAll('button')[row * width + column]?.focus()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <div
      ref={box}
      role="group"
      aria-label={label}
      className={page['cells']}
      style={{ gridTemplate: `repeat(${height}, minmax(0, 1fr)) / repeat(${width}, minmax(0, 1fr))` }}
      onKeyDown={move}
    >
      {mosaic(icons, height, width).map(({ icon, row, column, span }) => (
        <img
          key={`${row},${column},${span}`}
          alt=""
          src={pictureAddress({ kind: 'icon', project, key: icon })}
          style={{ gridArea: area(row, column, Math.min(span, height - row), Math.min(span, width - column)) }}
        />
      ))}
      {Array.from({ length: height * width }, (_, k) => {
        const [row, column] = [Math.floor(k / width), k % width]
        const isFocused = focused.row === row && focused.column === column
        return (
          <button
            key={`${row},${column}`}
            type="button"
            style={{ gridArea: area(row, column) }}
            tabIndex={isFocused ? 0 : -1}
            aria-label={
              icons.length === 0 ? `Position at row ${row}, column ${column}` : `Row ${row}, column ${column}`
            }
            aria-pressed={at !== null && isFocused}
            onClick={() => onChoose({ row, column })}
          />
        )
      })}
    </div>
  )
}
