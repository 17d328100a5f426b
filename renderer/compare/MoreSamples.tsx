import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { changeClassAtlasForm } from '../state/class-atlas-form.ts'
import { useProject } from '../state/project.ts'
import { Button } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import css from './class-atlas-map.module.css'
import { requestAtlases } from './class-atlases.ts'

interface MoreSamplesProps {
  readonly atlas: ClassAtlas
  readonly shown: number | undefined
  readonly source: AtlasSummary
  readonly classes: readonly number[]
}

/** Offers fewer samples per cell where the coarsest grid hides too many of them. */
export function MoreSamples({ atlas, shown, source, classes }: MoreSamplesProps): ReactNode {
  const { published } = useProject()
  const { fewer, samples, minSamples } = atlas
  const [coarsest] = atlas.grids
  if (published !== null || fewer === null || coarsest === undefined || shown !== coarsest.grid) return null
  return (
    <p className={css['more']} role="status">
      {`${number(samples - coarsest.samplesShown)} of ${number(samples)} samples are in cells with fewer than ${minSamples}.`}
      <Button
        onClick={() => {
          changeClassAtlasForm({ minSamples: fewer.minSamples })
          void requestAtlases([source], classes)
        }}
      >
        {`Show ${number(fewer.samples)} of ${number(samples)}: at least ${fewer.minSamples} per cell`}
      </Button>
    </p>
  )
}
