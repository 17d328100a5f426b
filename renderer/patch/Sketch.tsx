import type { CSSProperties, ReactNode } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import { extentOf } from '../../electron/contract/placement.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import type { EditedComposition, PlacedPatch } from './lab.ts'
import css from './stage.module.css'
import type { InputRegion } from './use-lab.ts'

interface SketchProps {
  readonly edited: EditedComposition
  readonly photograph: Photograph
  readonly region: InputRegion
  readonly patches: ReadonlyMap<number, PatchRecord>
}

/** The mask in CSS, until the engine's composition arrives. */
function maskOf({ mask, feather }: PlacedPatch): CSSProperties {
  const inner = `${Math.round(100 * (1 - feather))}%`
  if (mask === 'circle' && feather > 0)
    return { maskImage: `radial-gradient(closest-side ellipse, #000 ${inner}, transparent)` }
  if (mask === 'circle') return { clipPath: 'ellipse(50% 50%)' }
  if (feather === 0) return {}
  const rim = `${50 * feather}%`
  const fade = (to: string): string =>
    `linear-gradient(to ${to}, transparent, #000 ${rim}, #000 calc(100% - ${rim}), transparent)`
  return { maskImage: `${fade('right')}, ${fade('bottom')}`, maskComposite: 'intersect' }
}

/** Photograph and patches drawn in CSS while the engine composes them. */
export function Sketch({ edited, photograph, region, patches }: SketchProps): ReactNode {
  const { key: project } = useProject()
  return (
    <div className={css['sketch']}>
      <img alt="" src={pictureAddress({ kind: 'photo', project, image: photograph.id, box: region.box, size: 448 })} />
      {edited.patches.map(placed => {
        const record = patches.get(placed.patch)
        if (record === undefined || placed.hidden) return null
        const { width, height } = extentOf(placed, record, region)
        return (
          <img
            key={placed.id}
            alt=""
            draggable={false}
            src={pictureAddress({ kind: 'patch', project, patch: placed.patch })}
            style={{
              left: `${(placed.x - width / 2) * 100}%`,
              top: `${(placed.y - height / 2) * 100}%`,
              width: `${width * 100}%`,
              height: `${height * 100}%`,
              transform: `rotate(${placed.rotation}deg)`,
              opacity: placed.opacity,
              mixBlendMode: placed.blend,
              // Mid grey, as the engine fills transparent pixels under a square mask.
              ...(placed.mask === 'alpha' ? {} : { backgroundColor: 'rgb(128 128 128)' }),
              ...maskOf(placed),
            }}
          />
        )
      })}
    </div>
  )
}
