import { first } from './0001-first.ts'
import { classAtlases } from './0002-scoped-atlases.ts'
import { patches } from './0003-patches.ts'
import { credits } from './0004-credits.ts'
import { checksums } from './0005-checksums.ts'
import { meanActivations } from './0006-mean-activations.ts'
import { modelIdentity } from './0007-model-identity.ts'
import { photographs } from './0008-photographs.ts'
import { cellLabels } from './0009-cell-labels.ts'
import { robustFidelity } from './0010-robust-fidelity.ts'
import { matchedControls } from './0011-matched-controls.ts'
import { iconActivations } from './0012-icon-activations.ts'
import { minSamples } from './0013-min-samples.ts'
import { attributionColumns } from './0014-attribution-columns.ts'
import { momentPhotographs } from './0015-moment-photographs.ts'
import { markedSums } from './0016-marked-sums.ts'
import { layoutStability } from './0017-layout-stability.ts'
import { savedItems } from './0018-saved-items.ts'
import { cellsByGrid } from './0019-cells-by-grid.ts'

/** Every migration in order: the n-th (from 1) makes version n out of version n − 1. Only ever appended to. */
export const migrations: readonly string[] = [
  first,
  classAtlases,
  patches,
  credits,
  checksums,
  meanActivations,
  modelIdentity,
  photographs,
  cellLabels,
  robustFidelity,
  matchedControls,
  iconActivations,
  minSamples,
  attributionColumns,
  momentPhotographs,
  markedSums,
  layoutStability,
  savedItems,
  cellsByGrid,
]

/** The version of a project that this Portolan reads and writes. */
export const currentVersion = migrations.length
