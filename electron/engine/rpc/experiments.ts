import { fewPhotographs } from '../../contract/experiment.ts'
import { placesOf } from '../../contract/placement.ts'
import { SuggestionPlan } from '../../contract/suggestion.ts'
import { labelOfHint, labelText, unknownCount, unknownHints, unknownHintsText } from '../model/labels.ts'
import { exportExperiment } from '../patch/experiment/export.ts'
import { candidatesOf } from '../patch/experiment/population.ts'
import { experimentResult, summaryOf } from '../patch/experiment/results.ts'
import { enterExperiment, modelsOf, PATCH_EXPERIMENT } from '../patch/experiment/run.ts'
import { trialsOf } from '../patch/experiment/trials.ts'
import { triedBy } from '../patch/experiment/tried.ts'
import { variantCount } from '../patch/experiment/variants.ts'
import { enterSuggestion, PATCH_SUGGEST, suggestionOf } from '../patch/suggest/suggest.ts'
import { labelsOf } from '../query/model-records.ts'
import { experimentModels, listExperiments, removeExperiment } from '../store/experiments.ts'
import { stored } from '../store/json.ts'
import type { Calls } from './handlers.ts'
import { requireHarmless } from './outputs.ts'

export const experimentCalls: Calls<'experiment'> = {
  'experiment.list': (_, { project }) =>
    listExperiments(project().db, 'experiment').map(record => summaryOf(project().db, record)),
  'experiment.estimate': async (plan, { project }) => {
    const [classifier] = await Promise.all(plan.models.map(model => project().classifier(model)))
    const { labels } = classifier!
    modelsOf(plan, [classifier!])
    const candidates = candidatesOf(project().db, plan.folders)
    const labelled = candidates.filter(({ hint }) => labelOfHint(labels, hint)?.index === plan.source).length
    const { noise } = plan.controls
    const axes = { sizes: plan.sizes, places: placesOf(plan.positions) }
    const notes: string[] = []
    if (plan.population === 'labelled' && labelled < fewPhotographs)
      notes.push(
        `${labelled} photographs are labelled as ${labelText(labels[plan.source]!)}: fewer than ${fewPhotographs} are an illustration, no measurement`,
      )
    const unknown = unknownHints(
      labels,
      candidates.map(({ hint }) => hint),
    )
    if (plan.population === 'labelled' && unknown.length > 0)
      notes.push(`${unknownCount(unknown)} photographs are of no known class: ${unknownHintsText(unknown)}`)
    if (noise > 0 && noise < plan.patches.length)
      notes.push(`${noise} noise patches against ${plan.patches.length}: the best of fewer is worse by chance alone`)
    return {
      photographs: candidates.length,
      labelled,
      perPhotograph: variantCount(axes, triedBy(plan).length),
      notes,
    }
  },
  'experiment.start': async (plan, { project }) => {
    const db = project().writable()
    const classifiers = await Promise.all(plan.models.map(model => project().classifier(model)))
    const experiment = enterExperiment(db, plan, classifiers).id
    return { job: project().startOnce(PATCH_EXPERIMENT, { experiment }), experiment }
  },
  'experiment.result': ({ experiment }, { project }) => experimentResult(project().db, experiment),
  'experiment.trials': (query, { project }) => trialsOf(project().db, query),
  'experiment.remove': ({ experiment }, { project }) => {
    project().requireIdle(PATCH_EXPERIMENT, { experiment })
    project().requireIdle(PATCH_SUGGEST, { suggestion: experiment })
    removeExperiment(project().writable(), experiment)
    project().notify('project.changed', { what: ['experiments'] })
    return {}
  },
  'experiment.export': async ({ experiment, format, file }, { project }) => {
    await requireHarmless(project(), file)
    const [model] = experimentModels(project().db, experiment)
    const labels = model ? await labelsOf(project(), model.classifier ?? model.model) : []
    const { bytes } = await exportExperiment(project().db, experiment, { format, file, labels })
    return { bytes }
  },
}

export const suggestionCalls: Calls<'suggestion'> = {
  'suggestion.list': (_, { project }) =>
    listExperiments(project().db, 'suggestion').map(({ id, plan, created, finished }) => ({
      id,
      plan: stored(SuggestionPlan, plan, 'the plan of a suggestion'),
      created,
      finished,
    })),
  'suggestion.start': async (plan, { project }) => {
    const db = project().writable()
    const suggestion = enterSuggestion(db, plan, await project().classifier(plan.model)).id
    return { job: project().startOnce(PATCH_SUGGEST, { suggestion }), suggestion }
  },
  'suggestion.get': ({ suggestion }, { project }) => suggestionOf(project().db, suggestion),
}
