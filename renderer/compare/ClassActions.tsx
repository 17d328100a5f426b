import { ArrowLeftRight, CircleDot, Puzzle } from 'lucide-react'
import type { ReactNode } from 'react'
import type { CellRef } from '../../electron/contract/values.ts'
import { attempt } from '../state/notices.ts'
import { patchFromCell } from '../state/patches.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { openClass, openPair } from '../state/scopes.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'

interface ClassActionsProps {
  /** The class that is gone to, and the one that it is compared with first. */
  readonly classes: readonly number[]
  /** The atlas that is looked at, whole or of a part; its whole atlas is what is started from. */
  readonly atlas: number | null
  /** A cell that can be tried as a patch. */
  readonly cell?: CellRef
}

/** From a class or a cell on to its class atlas, a comparison, or the patch lab. */
export function ClassActions({ classes, atlas, cell }: ClassActionsProps): ReactNode {
  const { className } = useProject()
  const { data: scoped } = useCall('classAtlas.list', {})
  const from = scoped?.find(a => a.id === atlas)?.from ?? atlas
  const sources = from === null ? undefined : [from]
  const [first, second] = classes
  return (
    <div className={panel['actions']}>
      {first !== undefined && (
        <Button title={`Only the samples that speak for ${className(first)}`} onClick={() => openClass(first, sources)}>
          <CircleDot size={14} aria-hidden />
          {second === undefined || cell ? `Class atlas of ${className(first)}` : 'Class atlas'}
        </Button>
      )}
      {first !== undefined && (
        <Button
          title={
            second === undefined
              ? `${className(first)} against another class`
              : `${className(first)} against ${className(second)}`
          }
          onClick={() => openPair(first, second ?? null, sources)}
        >
          <ArrowLeftRight size={14} aria-hidden />
          {second === undefined ? 'Compare with …' : `Compare with ${className(second)}`}
        </Button>
      )}
      {cell && (
        <Button
          title="Put the icon into the gallery of patches"
          onClick={() => void attempt(() => patchFromCell(cell))}
        >
          <Puzzle size={14} aria-hidden />
          Try as a patch
        </Button>
      )}
    </div>
  )
}
