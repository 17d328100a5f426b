import type { CSSProperties, ReactNode } from 'react'
import { extentOf, type PatchRecord } from '../../electron/contract/patch.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import type { Craft, Laid } from './lab.ts'
import css from './stage.module.css'
import type { Seen } from './use-lab.ts'

interface SketchProps {
  readonly craft: Craft
  readonly photograph: Photograph
  readonly seen: Seen
  readonly patches: ReadonlyMap<number, PatchRecord>
}

/** The mask as the page can draw it; the engine's own replaces it a moment later. */
function maskOf({ mask, feather }: Laid): CSSProperties {
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

/** Photograph and patches as the page can show them at once, while the engine composes. */
export function Sketch({ craft, photograph, seen, patches }: SketchProps): ReactNode {
  const { key: project } = useProject()
  return (
    <div className={css['sketch']}>
      <img alt="" src={pictureAddress({ kind: 'photo', project, image: photograph.id, box: seen.box, size: 448 })} />
      {craft.layers.map(layer => {
        const record = patches.get(layer.patch)
        if (record === undefined || layer.hidden) return null
        const { width, height } = extentOf(layer, record, seen)
        return (
          <img
            key={layer.id}
            alt=""
            draggable={false}
            src={pictureAddress({ kind: 'patch', project, patch: layer.patch })}
            style={{
              left: `${(layer.x - width / 2) * 100}%`,
              top: `${(layer.y - height / 2) * 100}%`,
              width: `${width * 100}%`,
              height: `${height * 100}%`,
              transform: `rotate(${layer.rotation}deg)`,
              opacity: layer.opacity,
              mixBlendMode: layer.blend,
              // Mid grey, as the engine fills what is transparent under a square mask.
              ...(layer.mask === 'alpha' ? {} : { backgroundColor: 'rgb(128 128 128)' }),
              ...maskOf(layer),
            }}
          />
        )
      })}
    </div>
  )
}
