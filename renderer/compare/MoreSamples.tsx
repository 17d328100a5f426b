import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { changeClassAtlasForm, useClassAtlasForm } from '../state/class-atlas-form.ts'
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

/** Below this share of samples in shown cells the map says little about the class. */
const ENOUGH = 0.8
/** A cell of one sample is that sample. */
const FEWEST = 2

/** Offers fewer samples per cell where the coarsest grid hides many of them. */
export function MoreSamples({ atlas, shown, source, classes }: MoreSamplesProps): ReactNode {
  const [coarsest] = atlas.grids
  const fewest = useClassAtlasForm(state => state.minSamples)
  if (coarsest === undefined || shown !== coarsest.grid || atlas.samples === 0 || fewest <= FEWEST) return null
  if (coarsest.samplesShown >= ENOUGH * atlas.samples) return null
  return (
    <p className={css['note']} role="status">
      {`${number(atlas.samples - coarsest.samplesShown)} of ${number(atlas.samples)} samples lie in cells with too few of them. `}
      <Button
        onClick={() => {
          changeClassAtlasForm({ minSamples: FEWEST })
          void requestAtlases([source], classes)
        }}
      >
        {`Show cells of ${FEWEST} samples too`}
      </Button>
    </p>
  )
}
