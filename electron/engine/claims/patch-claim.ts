import { ExperimentPlan } from '../../contract/experiment.ts'
import { type Estimate, groupNames, type ModelResult } from '../../contract/experiment-result.ts'
import { MIN_PHOTOGRAPHS } from '../../contract/inference.ts'
import { OUTCOME } from '../../contract/outcome.ts'
import { PatchLook } from '../../contract/placement.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import { distinctName, labelOfHint } from '../model/labels.ts'
import { candidatesOf, populationOf } from '../patch/experiment/population.ts'
import { experimentResult } from '../patch/experiment/results.ts'
import { enterExperiment, type Missed, runExperiment } from '../patch/experiment/run.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { photographsFor, type Verdict } from '../statistics/decision.ts'
import { storedPredictions } from '../store/predictions.ts'
import type { Writable } from '../store/sql.ts'
import type { Claim } from './claim.ts'
import { cutPatches, givenPatches } from './photographs.ts'
import type { PatchClaim, Protocol } from './protocol.ts'
import { decided, effectOf } from './result.ts'

export interface PatchTrying {
  readonly db: Writable
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly job: JobContext
  /** Folders of photographs, by their ids in the project. */
  readonly folders: readonly number[]
  /** Files of the folder of patches. */
  readonly files: readonly string[]
}

/**
 * Tests whether patches make photographs of one class another: the target's log-odds above every control, and the share of
 * predictions that become the target. Every patch has the same size and place, so that nothing is chosen and all photographs
 * count. An experiment as users run one, and its trials stay in the project.
 * @returns two claims, and the photographs that could not be read
 */
export async function patchClaims(
  { db, classifier, runtime, job, folders, files }: PatchTrying,
  claim: PatchClaim,
  indexOf: (synset: string) => number,
  protocol: Protocol,
): Promise<{ readonly claims: readonly Claim[]; readonly unreadable: readonly Missed[] }> {
  const [source, target] = [indexOf(claim.source), indexOf(claim.target)]
  const all = candidatesOf(db, folders)
  const top5 = await job.stage({
    name: `${claim.id}: photographs`,
    existing: () => undefined,
    compute: work => populationOf(db, { classifier, runtime }, { population: 'top5', source }, all, work),
  })
  const known = storedPredictions(db, classifierKey(classifier))
  const labelled = all.filter(
    ({ hash, hint }) => labelOfHint(classifier.labels, hint)?.index === source && known.get(hash)?.[0] === source,
  )
  const top10 = all.filter(({ hash }) => known.get(hash)?.includes(source))
  const groups = { labelled, top5: top5.members, top10 }
  // From the strictest to the widest; how many there are decides, never what a patch does to them.
  const population = (['labelled', 'top5'] as const).find(name => groups[name].length >= MIN_PHOTOGRAPHS) ?? 'top10'
  const members = groups[population]
  const hashes = new Set(members.map(({ hash }) => hash))
  const { patches, from } =
    (await givenPatches(db, files, claim.patches)) ??
    (await cutPatches(db, classifier, indexOf(claim.shows), all, known, hashes))
  const counts = `labelled and predicted as the source: ${labelled.length}; with it among the five strongest classes: ${top5.members.length}, among the ten: ${top10.length}`
  const found = `${FOUND[population]} (${counts}); patches: ${from}`
  const about = { layer: null, found, parts: [] }
  const evidence = { ...about, id: claim.id, kind: 'patch' as const, statement: claim.statement, outcome: OUTCOME }
  const flips = {
    ...about,
    id: `${claim.id}, flips`,
    kind: 'flips' as const,
    statement: `${claim.statement.replace(/\.$/, '')}, by the predicted class.`,
    outcome: 'share of photographs predicted as the source that are predicted as the target with the patch',
  }
  const { relevant } = protocol
  const sources = `photographs of ${distinctName(classifier.labels, source)}`
  if (members.length === 0 || patches.length === 0) {
    const why = members.length === 0 ? 'no photograph of the source' : 'no patch'
    const nothing = { controls: [], found: `${why}: ${found}` }
    return {
      claims: [
        { ...evidence, ...decided(undefined, relevant.logOdds, sources), ...nothing },
        { ...flips, ...decided(undefined, relevant.flips, sources), ...nothing },
      ],
      unreadable: top5.unreadable,
    }
  }
  const plan = ExperimentPlan.parse({
    name: claim.id,
    models: [classifier.hash],
    source,
    target,
    population,
    folders,
    patches,
    look: PatchLook.parse({ aspect: 'square' }),
    sizes: [protocol.size],
    positions: { kind: 'fixed', ...protocol.place },
    controls: {
      ...{ noise: 0, mean: true, shuffled: 0 },
      ...{ spectrum: protocol.spectrum, surroundings: true, natural: protocol.natural },
    },
    seed: protocol.seed,
  })
  const { id } = enterExperiment(db, plan, [classifier])
  const { unreadable } = await runExperiment(db, id, runtime, job)
  const result = experimentResult(db, id).models[0]!
  return {
    claims: [
      { ...evidence, ...evidenceOf(result, protocol, sources) },
      { ...flips, ...flipsOf(result, protocol, sources) },
    ],
    unreadable: [...top5.unreadable, ...unreadable],
  }
}

const FOUND = {
  labelled: 'labelled and predicted as the source',
  top5: 'the source is among the network’s five strongest classes',
  top10: 'the source is among the network’s ten strongest classes',
} as const

const ends = ({ value, low, high }: Estimate) => ({ value, low, high })

/** All patches together above the control that they exceed by the smallest amount, and each by itself. */
function evidenceOf(result: ModelResult, { relevant }: Protocol, of: string) {
  const smallest = result.differences.reduce((a, b) => (b.static.change.value < a.static.change.value ? b : a))
  const { change } = smallest.static
  const parts = result.patches.flatMap(({ name, overControls }) =>
    overControls === null
      ? []
      : [
          {
            name,
            effect: overControls.smallest.difference.photographs < 2 ? null : ends(overControls.smallest.difference),
            photographs: overControls.smallest.difference.photographs,
            holds: overControls.holds && overControls.smallest.difference.photographs >= MIN_PHOTOGRAPHS,
            note: `smallest above ${groupNames[overControls.smallest.control]}`,
          },
        ],
  )
  const each = result.differences.map(({ static: { change } }) =>
    decided(effectOf(ends(change), change.photographs, 1), relevant.logOdds, of),
  )
  return {
    ...decided(effectOf(ends(change), change.photographs, 1), relevant.logOdds, of),
    verdict: verdictOverControls(each.map(({ verdict }) => verdict)),
    // The least certain control decides how much is known.
    ...each.map(({ power, needed }) => ({ power, needed })).reduce((a, b) => (b.power < a.power ? b : a)),
    controls: controlsOf(result, ({ change }) => change),
    parts,
  }
}

/** Above every control, or not above one: as patches of an experiment hold only if they do above every control. */
export const verdictOverControls = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('does not hold')
    ? 'does not hold'
    : verdicts.every(verdict => verdict === 'holds')
      ? 'holds'
      : 'out of reach'

/** Flips of photographs that were predicted as the source, above the control that comes nearest. */
function flipsOf(result: ModelResult, { relevant }: Protocol, of: string) {
  const flips = result.differences.map(({ static: { flipped } }) => flipped)
  const smallest = flips.reduce((a, b) => (b.value < a.value ? b : a))
  const own = decided(effectOf(ends(smallest), smallest.photographs, 1), relevant.flips, of)
  const real = result.groups.find(({ group }) => group === 'real')!.static.flipped
  return {
    ...own,
    // The spread of a share over a few photographs is uncertain: that of one half is the largest.
    needed: { photographs: photographsFor(relevant.flips, 0.5)!, of: `${of} that are predicted as it` },
    controls: controlsOf(result, ({ flipped }) => flipped),
    parts: [
      {
        name: 'all patches',
        effect: real.of === 0 ? null : ends(real.share),
        photographs: real.share.photographs,
        holds: own.verdict === 'holds',
        note: `${real.count} of ${real.of} trials`,
      },
    ],
  }
}

const controlsOf = (
  { differences }: ModelResult,
  of: (difference: ModelResult['differences'][number]['static']) => Estimate,
): Claim['controls'] =>
  differences.flatMap(({ control, static: fixed }) =>
    // A single photograph has no interval.
    of(fixed).photographs < 2 ? [] : [{ name: groupNames[control], difference: ends(of(fixed)) }],
  )
