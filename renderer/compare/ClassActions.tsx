import { ArrowLeftRight, CircleDot, Puzzle } from 'lucide-react'
import type { ReactNode } from 'react'
import type { CellRef } from '../../electron/contract/values.ts'
import { openClass, openPair } from '../state/class-atlas-form.ts'
import { attempt } from '../state/notices.ts'
import { patchFromCell } from '../state/patches.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { isOf } from './plans.ts'

interface ClassActionsProps {
  /** The class to open, and the one to compare it with. */
  readonly classes: readonly number[]
  /** The current atlas, of all samples or of a class; its whole atlas becomes the source. */
  readonly atlas: number | null
  /** A cell whose icon can become a patch. */
  readonly cell?: CellRef
}

/** Buttons from a class or a cell to its class atlas, a comparison, or the patch lab. */
export function ClassActions({ classes, atlas, cell }: ClassActionsProps): ReactNode {
  const { className, published } = useProject()
  const { data: classAtlases } = useCall('classAtlas.list', {})
  const from = classAtlases?.find(a => a.id === atlas)?.from ?? atlas
  const sources = from === null ? undefined : [from]
  const [first, second] = classes
  // A page has those that were published with it.
  const has = (some: readonly number[]): boolean =>
    published === null || (classAtlases?.some(a => a.from === from && isOf(a, some)) ?? false)
  const compares = first !== undefined && (published === null || (second !== undefined && has([first, second])))
  if (published !== null && !compares && (first === undefined || !has([first]))) return null
  return (
    <div className={panel['actions']}>
      {first !== undefined && has([first]) && (
        <Button
          title={`The samples with positive attribution to ${className(first)}`}
          onClick={() => openClass(first, sources)}
        >
          <CircleDot size={14} aria-hidden />
          {`Class atlas of ${className(first)}`}
        </Button>
      )}
      {compares && (
        <Button
          title={
            second === undefined
              ? `Compare ${className(first)} with another class`
              : `Compare ${className(first)} with ${className(second)}`
          }
          onClick={() => openPair(first, second ?? null, sources)}
        >
          <ArrowLeftRight size={14} aria-hidden />
          {second === undefined
            ? 'Compare with …'
            : cell
              ? `Compare with ${className(second)}`
              : `Compare ${className(first)} with ${className(second)}`}
        </Button>
      )}
      {cell && published === null && (
        <Button title="Add the icon to the patch gallery" onClick={() => void attempt(() => patchFromCell(cell))}>
          <Puzzle size={14} aria-hidden />
          Use as patch
        </Button>
      )}
    </div>
  )
}
