/** The patch lab of the fake engine. */

import type { Input, Output } from '../../electron/contract/calls.ts'
import { logOdds } from '../../electron/contract/outcome.ts'
import type { Predictions } from '../../electron/contract/patch.ts'
import type { FakeHandlers } from './fake-bridge.ts'
import { drawComposition } from './fake-composition.ts'
import { experimentHandlers } from './fake-experiments.ts'
import { added, BORN, patch, patches, reading, SOURCE, sweepPlan, TARGET } from './fake-lab.ts'
import { noise } from './synthetic.ts'

async function compose({ composition, top, pinned }: Input<'patch.compose'>): Promise<Output<'patch.compose'>> {
  const shown = composition.patches.filter(placed => !(placed.hidden ?? false))
  const strength = Math.min(
    1,
    shown.reduce((sum, { size }) => sum + size * 1.3, 0),
  )
  const cut = (prediction: Predictions): Predictions => ({ ...prediction, top: prediction.top.slice(0, top) })
  return {
    pixels: await drawComposition(composition, patch),
    before: cut(reading(0, pinned)),
    after: cut(reading(strength, pinned)),
    notes: shown.flatMap(({ x, y, size, patch: id }) =>
      Math.abs(x - 0.5) > 0.5 + size / 2 || Math.abs(y - 0.5) > 0.5 + size / 2
        ? [`nothing of ${patch(id).name} is seen: it lies wholly outside the photograph`]
        : [],
    ),
  }
}

function sweep(model: string): Output<'sweep.get'> {
  const { sizes, positions } = sweepPlan
  const count = sizes.length * positions * positions
  const predictions = Array.from({ length: count }, (_, k) => {
    const size = sizes[Math.floor(k / positions ** 2)]!
    return reading(Math.min(1, size * 1.3 * (0.85 + 0.3 * noise(k))), [SOURCE, TARGET])
  })
  const column = (value: (prediction: Predictions) => number) => Float32Array.from(predictions, value)
  return {
    id: 1,
    plan: { ...sweepPlan, model },
    created: BORN,
    done: count,
    total: count,
    sourceProbability: column(({ pinned }) => pinned[0]!.probability),
    targetProbability: column(({ pinned }) => pinned[1]!.probability),
    winnerProbability: column(({ top }) => top[0]!.probability),
    controlLogOdds: column(() => logOdds(0.02)),
    best: 24,
    targetLogOdds: column(({ pinned }) => logOdds(pinned[1]!.probability)),
    winner: Int16Array.from(predictions, ({ top }) => top[0]!.index),
    before: { winner: SOURCE, source: 0.5, target: 0.03, targetLogOdds: logOdds(0.03) },
    crossings: [
      { row: 4, column: 4, size: 0.25, from: SOURCE, to: TARGET },
      { row: 4, column: 4, size: 0.65, from: TARGET, to: 820 },
    ],
  }
}

export function patchHandlers(
  model: string,
  atlases: readonly { readonly atlas: number; readonly layer: string }[],
): FakeHandlers {
  return {
    'patch.list': () => patches,
    'patch.get': ({ patch: id }) => patch(id),
    'patch.add': source =>
      source.kind === 'file'
        ? added(source.file.split('/').at(-1)!, 'file', source.file)
        : source.kind === 'bytes'
          ? added(source.name, 'bytes', 'clipboard')
          : source.kind === 'region'
            ? added(`region ${patches.length + 1}`, 'region', `region of photograph-${source.image}.jpg`)
            : added(`icon ${patches.length + 1}`, 'icon', 'icon of mixed4d'),
    'patch.generate': () => ({ job: 3 }),
    'patch.rename': ({ patch: id, name }) => {
      const at = patches.findIndex(each => each.id === id)
      patches[at] = { ...patch(id), name }
      return {}
    },
    'patch.remove': ({ patch: id }) => {
      patches.splice(
        patches.findIndex(each => each.id === patch(id).id),
        1,
      )
      return {}
    },
    'patch.compose': compose,
    'patch.moved': ({ atlases: wanted }) =>
      wanted.map(id => ({
        atlas: id,
        layer: atlases.find(each => each.atlas === id)?.layer ?? 'mixed4c',
        covered: 16,
        units: 196,
        moved: Array.from({ length: 16 }, (_, k) => ({
          row: 9 + Math.floor(k / 4),
          column: 9 + (k % 4),
          before: { x: 0.2 + 0.2 * noise(k), y: 0.3 + 0.2 * noise(k + 7), unlikeAnything: false },
          after: { x: 0.6 + 0.2 * noise(k + 3), y: 0.6 + 0.2 * noise(k + 9), unlikeAnything: k === 5 },
          change: 0.3 + 0.4 * noise(k + 5),
        })),
      })),
    'patch.export': () => ({ bytes: 84_000 }),
    'sweep.list': () => [{ id: 1, plan: { ...sweepPlan, model }, created: BORN }],
    'sweep.start': () => ({ job: 3, sweep: 1 }),
    'sweep.get': () => sweep(model),
    'sweep.remove': () => ({}),
    ...experimentHandlers(model),
  }
}
