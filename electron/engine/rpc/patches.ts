import { SweepPlan } from '../../contract/sweep.ts'
import { writeOutput } from '../files/output.ts'
import { encodePng } from '../images/encode.ts'
import { requireClasses } from '../model/labels.ts'
import { compose, fullBackgroundOf } from '../patch/compose.ts'
import { addPatch, requirePatch } from '../patch/gallery.ts'
import { PATCH_GENERATE } from '../patch/generate.ts'
import { enterSweep, PATCH_SWEEP, sweepOf } from '../patch/sweep/run.ts'
import { readPhotograph } from '../photographs/read.ts'
import { classifierNamed } from '../registry/open.ts'
import { stored } from '../store/json.ts'
import { hidePatch, listPatches, renamePatch } from '../store/patches.ts'
import { listSweeps, removeSweep } from '../store/sweeps.ts'
import { classifiedNow, composed, LastWins, picturesIn } from '../workspace/live-lab.ts'
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
    const classifier = classifierNamed(project().writable(), order.model)
    return { job: project().startOnce(PATCH_GENERATE, { order, classifier }) }
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
            await fullBackgroundOf(classifier, await readPhotograph(it.db, composition.image)),
            composition.patches,
            await picturesIn(it, composition),
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
  'sweep.start': async (plan, { project }) => {
    const { name, labels } = await project().classifier(plan.model)
    requireClasses(name, labels.length, [plan.source, plan.target])
    const sweep = enterSweep(project().writable(), plan).id
    return { job: project().startOnce(PATCH_SWEEP, { sweep }), sweep }
  },
  'sweep.get': ({ sweep }, { project }) => sweepOf(project().db, sweep),
  'sweep.remove': ({ sweep }, { project }) => {
    project().requireIdle(PATCH_SWEEP, { sweep })
    removeSweep(project().writable(), sweep)
    project().notify('project.changed', { what: ['experiments'] })
    return {}
  },
}
