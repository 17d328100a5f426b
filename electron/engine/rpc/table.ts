import { atlasCalls } from './atlas.ts'
import { cellCalls } from './cells.ts'
import { classAtlasCalls } from './class-atlases.ts'
import { classesCalls } from './classes.ts'
import { comparisonCalls } from './comparisons.ts'
import { experimentCalls, suggestionCalls } from './experiments.ts'
import { figureCalls, viewCalls } from './figures.ts'
import { folderCalls } from './folders.ts'
import type { Handlers } from './handlers.ts'
import { jobsCalls } from './jobs.ts'
import { modelsCalls } from './models.ts'
import { patchesCalls, sweepCalls } from './patches.ts'
import { photographCalls } from './photographs.ts'
import { projectCalls } from './project.ts'
import { publishingCalls } from './publish.ts'
import { queueCalls } from './queue.ts'
import { runtimesCalls } from './runtimes.ts'
import { savedItemCalls } from './saved-items.ts'
import { selectionCalls } from './selections.ts'
import { tourCalls } from './tour.ts'

/** The handler of every call. */
export const handlers: Handlers = {
  ...projectCalls,
  ...atlasCalls,
  ...cellCalls,
  ...classesCalls,
  ...classAtlasCalls,
  ...comparisonCalls,
  ...photographCalls,
  ...jobsCalls,
  ...modelsCalls,
  ...runtimesCalls,
  ...queueCalls,
  ...figureCalls,
  ...viewCalls,
  ...folderCalls,
  ...savedItemCalls,
  ...selectionCalls,
  ...patchesCalls,
  ...sweepCalls,
  ...experimentCalls,
  ...suggestionCalls,
  ...tourCalls,
  ...publishingCalls,
}
