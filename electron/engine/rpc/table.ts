import { atlasCalls } from './atlas.ts'
import { cellCalls } from './cells.ts'
import { classAtlasCalls } from './class-atlases.ts'
import { classesCalls } from './classes.ts'
import { comparisonCalls } from './comparisons.ts'
import { dataCalls } from './data.ts'
import { experimentCalls, suggestionCalls } from './experiments.ts'
import type { Handlers } from './handlers.ts'
import { imageCalls } from './images.ts'
import { jobsCalls } from './jobs.ts'
import { keepsakesCalls } from './keepsakes.ts'
import { modelsCalls } from './models.ts'
import { patchesCalls, sweepCalls } from './patches.ts'
import { projectCalls } from './project.ts'
import { runtimesCalls } from './runtimes.ts'
import { tourCalls } from './tour.ts'

/** Who answers which call. */
export const handlers: Handlers = {
  ...projectCalls,
  ...atlasCalls,
  ...cellCalls,
  ...classesCalls,
  ...classAtlasCalls,
  ...comparisonCalls,
  ...imageCalls,
  ...jobsCalls,
  ...modelsCalls,
  ...runtimesCalls,
  ...dataCalls,
  ...keepsakesCalls,
  ...patchesCalls,
  ...sweepCalls,
  ...experimentCalls,
  ...suggestionCalls,
  ...tourCalls,
}
