/** The fake patch lab: its patches and predictions. */
import type { Output } from '../../electron/contract/calls.ts'
import type { PatchRecord, Predictions } from '../../electron/contract/patch.ts'

export const BORN = 1_790_000_000_000
export const [SOURCE, TARGET] = [801, 983]

export const patches: PatchRecord[] = ['train', 'baseball', 'noodles'].flatMap((set, s) =>
  Array.from({ length: 10 }, (_, k) => ({
    id: 1 + s * 10 + k,
    name: `${set}-${String(k + 1).padStart(2, '0')}.png`,
    width: 96,
    height: 96,
    transparent: false,
    kind: 'file' as const,
    origin: `/pictures/${set}-${String(k + 1).padStart(2, '0')}.png`,
    created: BORN + k,
  })),
)
export function patch(id: number): PatchRecord {
  const found = patches.find(each => each.id === id)
  if (!found) throw new Error(`there is no patch ${id} in this project`)
  return found
}
export function added(name: string, kind: PatchRecord['kind'], origin: string): PatchRecord {
  const made = { ...patches[0]!, id: patches.length + 1, name, kind, origin }
  patches.unshift(made)
  return made
}

/** Rises from the source over the target to a class of the patch's own. */
export function reading(strength: number, pinned: readonly number[]): Predictions {
  const logits = new Map([
    [SOURCE, 9 - 6 * strength],
    [TARGET, 6 + 6 * strength],
    [820, 1 + 14 * strength * strength],
    [148, 4],
    [147, 3.5],
    [536, 3],
    [460, 2.5],
    [2, 2],
  ])
  const sum = [...logits.values()].reduce((total, logit) => total + Math.exp(logit), 40)
  const predictionOf = (index: number) => {
    const logit = logits.get(index) ?? -2
    return { index, logit, probability: Math.exp(logit) / sum }
  }
  return {
    top: [...logits.keys()].map(predictionOf).sort((a, b) => b.logit - a.logit),
    pinned: pinned.map(predictionOf),
  }
}

export const sweepPlan: Output<'sweep.get'>['plan'] = {
  model: '',
  image: 1,
  patch: 1,
  look: { rotation: 0, opacity: 1, blend: 'normal', mask: 'alpha', feather: 0, aspect: 'square' },
  source: SOURCE,
  target: TARGET,
  sizes: Array.from({ length: 16 }, (_, k) => k * 0.05),
  positions: 5,
}
