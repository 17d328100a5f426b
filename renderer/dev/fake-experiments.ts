/** Experiments and suggestions of the fake engine. */
import type { Input, Output } from '../../electron/contract/calls.ts'
import type { ExperimentPlan } from '../../electron/contract/experiment.ts'
import type { ControlGroup, Effect, Geometry, PatchGroup, Rate } from '../../electron/contract/experiment-result.ts'
import { logOdds } from '../../electron/contract/outcome.ts'
import { corners, placementAt } from '../../electron/contract/placement.ts'
import type { FakeHandlers } from './fake-bridge.ts'
import { BORN, patch, patches, reading, SOURCE, sweepPlan, TARGET } from './fake-lab.ts'
import { noise } from './synthetic.ts'

const rate = (count: number, of: number, photographs: number): Rate => ({
  count,
  of,
  share: {
    value: count / of,
    low: Math.max(0, count / of - 0.09),
    high: Math.min(1, count / of + 0.09),
    photographs,
    interval: 'bootstrap',
  },
})

function effect(share: number, photographs: number, trials: number): Effect {
  const estimate = (value: number, half: number) => ({
    value,
    low: value - half,
    high: value + half,
    photographs,
    interval: 'bootstrap' as const,
  })
  return {
    photographs,
    correctBefore: trials,
    flipped: rate(Math.round(share * trials), trials, photographs),
    flippedToAny: rate(Math.round((share + 0.08) * trials), trials, photographs),
    becameTarget: rate(Math.round(share * trials), trials, photographs),
    targetBefore: 0.037,
    targetAfter: estimate(0.04 + 0.6 * share, 0.04),
    sourceBefore: 0.71,
    sourceAfter: estimate(0.7 - 0.6 * share, 0.05),
    change: estimate(9 * share, 0.6),
    sourceChange: estimate(-2 * share, 0.4),
  }
}

const plan = (model: string): ExperimentPlan => ({
  name: 'snorkel to scuba diver, trains',
  models: [model],
  source: SOURCE,
  target: TARGET,
  population: 'top5',
  folders: null,
  patches: patches.slice(0, 10).map(({ id }) => id),
  look: sweepPlan.look,
  sizes: [0.2, 0.4, 0.7],
  positions: { kind: 'corners' },
  controls: { noise: 0, mean: true, shuffled: 0, spectrum: 2, surroundings: true, natural: 5 },
  seed: 0,
  resamplings: 2000,
})
const chosen: Geometry = { size: 0.4, position: 3, x: 1, y: 1 }

const over = (share: number) => {
  const one = (control: ControlGroup, value: number) => ({
    control,
    difference: { value, low: value - 1, high: value + 1, photographs: 13, interval: 'student' as const },
  })
  const each = [one('natural', 6 * share), one('spectrum', 6.5 * share), one('surroundings', 7 * share)]
  return { each, smallest: each[0]!, holds: share > 0.4 }
}

function result(model: string): Output<'experiment.result'> {
  const n = 27
  const each = (group: PatchGroup, count: number, first: number, share: number) =>
    Array.from({ length: count }, (_, k) => {
      const own = share * (0.7 + 0.6 * noise(first + k))
      return {
        patch: first + k,
        name: group === 'real' ? patch(first + k).name : `${group} ${k + 1}`,
        group,
        static: { chosen, effect: effect(own * 0.8, 13, 13) },
        dynamic: effect(own, n, n),
        overControls: group === 'real' ? over(own) : null,
      }
    })
  const group = (name: PatchGroup, count: number, share: number, best: number) => ({
    group: name,
    patches: count,
    static: effect(share * 0.8, 13, 13 * count),
    dynamic: effect(share, n, n * count),
    best: { patch: best, chosen, effect: effect(share, 13, 13) },
  })
  const difference = (control: ControlGroup, share: number) => {
    const one = (value: number, photographs: number) => ({
      value,
      low: value - 0.12,
      high: value + 0.12,
      photographs,
      interval: 'bootstrap' as const,
    })
    const pair = (photographs: number) => ({ flipped: one(share, photographs), change: one(7 * share, photographs) })
    return { control, static: pair(13), dynamic: pair(n), best: pair(13) }
  }
  return {
    experiment: { id: 1, plan: plan(model), created: BORN, finished: BORN + 6e5, done: 10_044, total: 10_044 },
    madeEarlier: null,
    models: [
      {
        model,
        modelName: 'GoogLeNet (BVLC)',
        considered: 2000,
        unreadable: 3,
        members: n,
        population: n,
        correctBefore: 21,
        chosenOn: 14,
        reportedOn: 13,
        illustration: false,
        patches: [...each('real', 10, 1, 0.6), ...each('natural', 10, 31, 0.02), ...each('spectrum', 10, 51, 0.1)],
        groups: [group('real', 10, 0.6, 4), group('natural', 10, 0.02, 31), group('spectrum', 10, 0.1, 51)],
        differences: [difference('natural', 0.55), difference('spectrum', 0.45)],
        flipsByGeometry: [0.2, 0.4, 0.7].map((size, s) =>
          corners.map((_, c) => rate(Math.round(270 * size * (0.9 + 0.1 * c) * (s === 2 ? 0.5 : 1)), 270, n)),
        ),
      },
    ],
  }
}

function trials(model: string, { offset, limit, flipped }: Input<'experiment.trials'>): Output<'experiment.trials'> {
  const total = flipped ? 640 : 10_044
  return {
    total,
    trials: Array.from({ length: Math.min(limit, total - offset) }, (_, k) => {
      const at = offset + k
      const size = [0.2, 0.4, 0.7][at % 3]!
      const corner = corners[at % 4]!
      const { id, name } = patches[at % 10]!
      const after = reading(flipped ? 0.5 : noise(at), [SOURCE, TARGET])
      return {
        model,
        image: 1 + (at % 27),
        file: `photograph-${1 + (at % 27)}.jpg`,
        patch: id,
        patchName: name,
        group: 'real' as const,
        size,
        position: at % 4,
        x: corner.x,
        y: corner.y,
        winnerBefore: SOURCE,
        winner: after.top[0]!.index,
        winnerProbability: after.top[0]!.probability,
        sourceProbability: after.pinned[0]!.probability,
        targetProbability: after.pinned[1]!.probability,
        sourceBefore: 0.71,
        targetBefore: 0.037,
        change: logOdds(after.pinned[1]!.probability) - logOdds(0.037),
        sourceChange: logOdds(after.pinned[0]!.probability) - logOdds(0.71),
        reported: at % 2 === 0,
        composition: {
          image: 1 + (at % 27),
          patches: [
            placementAt({ patch: id, look: { ...sweepPlan.look, aspect: 'square' }, size, place: corner }, patch(id), {
              width: 1,
              height: 1,
            }),
          ],
        },
      }
    }),
  }
}

function suggestion(model: string): Output<'suggestion.get'> {
  const candidates = (['icon', 'crop', 'third'] as const).flatMap((kind, k) =>
    Array.from({ length: 4 }, (_, c) => ({
      patch: 1 + k * 4 + c,
      name: `${kind} ${c + 1}`,
      kind,
      origin: kind === 'icon' ? 'cell 7, 12 of mixed4d' : `crop of photograph-${k * 4 + c}.jpg, mixed4d`,
      chosen,
      changeChosen: 6 - k - c * 0.7,
      lowerBound: 4 - k - c * 0.7,
    })),
  )
  const { model: _, image: __, patch: ___, positions: ____, ...shared } = sweepPlan
  return {
    id: 2,
    plan: {
      ...shared,
      model,
      population: 'top5',
      folders: null,
      cells: null,
      candidates: 40,
      sizes: [0.2, 0.4],
      positions: { kind: 'corners' },
      noise: 0,
      natural: 8,
      seed: 0,
      resamplings: 2000,
    },
    created: BORN,
    finished: BORN + 4e5,
    photographs: 27,
    reportedOn: 13,
    illustration: false,
    candidates: candidates.toSorted((a, b) => b.lowerBound - a.lowerBound),
    madeEarlier: null,
    verdict: {
      outcome: 'holds',
      tried: 12,
      tested: candidates.slice(0, 3).map((candidate, k) => ({
        candidate,
        effect: effect(0.5 - 0.15 * k, 13, 13),
        overControls: over(0.6 - 0.15 * k),
        power: 0.9 - 0.2 * k,
      })),
      photographs: 13,
      minimum: 8,
      detectable: 2.1,
    },
  }
}

export function experimentHandlers(model: string): FakeHandlers {
  return {
    'experiment.list': () => [result(model).experiment],
    'experiment.estimate': ({ patches: chosenPatches, sizes, controls }) => ({
      photographs: 2000,
      labelled: 1,
      perPhotograph: (chosenPatches.length + controls.noise + Number(controls.mean)) * sizes.length * 4,
      notes: ['only 1 photograph is labelled as snorkel: choose the population of the top 5, or add photographs'],
    }),
    'experiment.start': () => ({ job: 3, experiment: 1 }),
    'experiment.result': () => result(model),
    'experiment.trials': query => trials(model, query),
    'experiment.remove': () => ({}),
    'experiment.export': () => ({ bytes: 1_200_000, unset: null }),
    'suggestion.list': () => [suggestion(model)],
    'suggestion.start': () => ({ job: 3, suggestion: 2 }),
    'suggestion.get': () => suggestion(model),
  }
}
