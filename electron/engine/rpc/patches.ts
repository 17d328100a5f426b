import { SweepPlan } from '../../contract/sweep.ts'
import { writeOutput } from '../files/output.ts'
import { encodePng } from '../images/encode.ts'
import { compose } from '../patch/compose.ts'
import { addPatch, requirePatch } from '../patch/gallery.ts'
import { PATCH_GENERATE } from '../patch/generate.ts'
import { fullGroundOf } from '../patch/ground.ts'
import { enterSweep, PATCH_SWEEP, sweepOf } from '../patch/sweep/run.ts'
import { readPhotograph } from '../photographs/read.ts'
import { bodyOf } from '../pipelines/kinds.ts'
import { classifierNamed } from '../registry/open.ts'
import { stored } from '../store/json.ts'
import { hidePatch, listPatches, renamePatch } from '../store/patches.ts'
import { listSweeps, removeSweep } from '../store/sweeps.ts'
import { requireIdle, startLab } from '../workspace/lab-jobs.ts'
import { classifiedNow, composed, LastWins, placedIn } from '../workspace/live-lab.ts'
import { movedOn } from '../workspace/moved.ts'
import type { Calls } from './handlers.ts'
import { requireHarmless } from './outputs.ts'

const composing = new LastWins()
const moving = new LastWins()

export const patchesCalls: Calls<'patch'> = {
  'patch.list': (_, { project }) => listPatches(project().db),
  'patch.get': ({ patch }, { project }) => requirePatch(project().db, patch),
  'patch.add': async (source, { project }) => {
    const patch = await addPatch(project().writable(), source)
    project().notify('project.changed', { what: ['patches'] })
    return patch
  },
  'patch.generate': (order, { project }) => {
    const db = project().writable()
    const params = { order, classifier: classifierNamed(db, order.model) }
    return { job: startLab(project(), PATCH_GENERATE, params, bodyOf(db, PATCH_GENERATE, params)) }
  },
  'patch.rename': ({ patch, name }, { project }) => {
    requirePatch(project().db, patch)
    renamePatch(project().writable(), patch, name)
    project().notify('project.changed', { what: ['patches'] })
    return {}
  },
  'patch.remove': ({ patch }, { project }) => {
    requirePatch(project().db, patch)
    hidePatch(project().writable(), patch)
    project().notify('project.changed', { what: ['patches'] })
    return {}
  },
  'patch.compose': (given, { client, project }) =>
    composing.run(client, wanted => classifiedNow(project(), given, wanted)),
  'patch.moved': (given, { client, project }) => moving.run(client, wanted => movedOn(project(), given, wanted)),
  'patch.export': async ({ model, composition, resolution, file }, { project }) => {
    const it = project()
    await requireHarmless(it, file)
    const classifier = await it.classifier(model)
    const picture =
      resolution === 'input'
        ? (await composed(it, classifier, composition)).composite
        : compose(
            await fullGroundOf(classifier, await readPhotograph(it.db, composition.image)),
            await placedIn(it, composition),
          )
    const png = await encodePng(picture)
    await writeOutput(file, png)
    return { bytes: png.length }
  },
}

export const sweepCalls: Calls<'sweep'> = {
  'sweep.list': (_, { project }) =>
    listSweeps(project().db).map(({ id, plan, created }) => ({
      id,
      plan: stored(SweepPlan, plan, `the plan of sweep ${id}`),
      created,
    })),
  'sweep.start': (plan, { project }) => {
    const db = project().writable()
    const sweep = enterSweep(db, plan).id
    const params = { sweep }
    return { job: startLab(project(), PATCH_SWEEP, params, bodyOf(db, PATCH_SWEEP, params)), sweep }
  },
  'sweep.get': ({ sweep }, { project }) => sweepOf(project().db, sweep),
  'sweep.remove': ({ sweep }, { project }) => {
    requireIdle(project(), PATCH_SWEEP, { sweep })
    removeSweep(project().writable(), sweep)
    project().notify('project.changed', { what: ['experiments'] })
    return {}
  },
}
