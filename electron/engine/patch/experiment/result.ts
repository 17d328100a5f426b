import type {
  Difference,
  Estimate,
  Geometry,
  GroupResult,
  ModelResult,
  PatchGroup,
  PatchResult,
  Rate,
} from '../../../contract/experiment.ts'
import { fewPhotographs } from '../../../contract/experiment.ts'
import { Resampler } from '../../statistics/intervals.ts'
import { effectOf, type Sums, sumsOf } from './effect.ts'
import {
  bestFor,
  bestGeometry,
  better,
  type Choice,
  type Chosen,
  type Criterion,
  type Halves,
  halvesOf,
  type TrialTable,
} from './trial-table.ts'
import { type Axes, geometryAt, geometryOf } from './variants.ts'

/** A patch as a column of the trials. */
export interface TriedPatch {
  readonly patch: number
  readonly name: string
  readonly group: PatchGroup
}

export interface Design extends Axes {
  readonly patches: readonly TriedPatch[]
  readonly seed: number
  readonly resamplings: number
  readonly criterion?: Criterion
}

type Results = Pick<
  ModelResult,
  | 'population'
  | 'correctBefore'
  | 'chosenOn'
  | 'reportedOn'
  | 'illustration'
  | 'patches'
  | 'groups'
  | 'differences'
  | 'flipsByGeometry'
>

/**
 * Everything that is reported of one model.
 * @param keys one text for each photograph, by which halves are drawn
 */
export function resultsOf(table: TrialTable, keys: readonly string[], design: Design): Results {
  const analysis = new Analysis(table, keys, design)
  const correctBefore = table.before.winner.reduce((sum, winner) => sum + Number(winner === table.source), 0)
  return {
    population: table.photographs,
    correctBefore,
    chosenOn: analysis.halves.chosenOn.length,
    reportedOn: analysis.halves.reportedOn.length,
    illustration: table.photographs < fewPhotographs,
    patches: analysis.patches(),
    groups: analysis.groups(),
    differences: analysis.differences(),
    flipsByGeometry: analysis.flipsByGeometry(),
  }
}

/** One set of trials, its halves and its choices, each made once. */
export class Analysis {
  readonly halves: Halves
  /** What does best on the first half: for each patch. */
  readonly chosen: readonly (Chosen | undefined)[]
  readonly #table: TrialTable
  readonly #design: Design
  readonly #all: readonly number[]
  readonly #ofAll: Resampler
  readonly #ofHalf: Resampler
  /** The best geometry for each photograph and patch. */
  readonly #dynamic: readonly Int32Array[]

  constructor(table: TrialTable, keys: readonly string[], design: Design) {
    this.#table = table
    this.#design = design
    this.#all = Array.from({ length: table.photographs }, (_, k) => k)
    this.halves = halvesOf(table, keys, design.seed)
    this.chosen = design.patches.map((_, patch) => bestGeometry(table, this.halves.chosenOn, patch, design.criterion))
    this.#dynamic = this.#all.map(photograph =>
      Int32Array.from({ length: table.patches }, (_, patch) => bestFor(table, photograph, patch)),
    )
    this.#ofAll = new Resampler(table.photographs, design.resamplings, design.seed)
    this.#ofHalf = new Resampler(this.halves.reportedOn.length, design.resamplings, design.seed)
  }

  readonly #static: Choice = (_, patch) => this.chosen[patch]?.geometry ?? 0
  readonly #best: Choice = (photograph, patch) => this.#dynamic[photograph]![patch]!

  #members(group: PatchGroup): number[] {
    return this.#design.patches.flatMap((patch, k) => (patch.group === group ? [k] : []))
  }

  #staticSums(patches: readonly number[]): Sums {
    return sumsOf(this.#table, this.halves.reportedOn, patches, this.#static)
  }

  #dynamicSums(patches: readonly number[]): Sums {
    return sumsOf(this.#table, this.#all, patches, this.#best)
  }

  staticEffect(patches: readonly number[]) {
    return effectOf(this.#table, this.halves.reportedOn, this.#staticSums(patches), this.#ofHalf)
  }

  #dynamicEffect(patches: readonly number[]) {
    return effectOf(this.#table, this.#all, this.#dynamicSums(patches), this.#ofAll)
  }

  geometry({ geometry }: Chosen): Geometry {
    const { sizes, places } = this.#design
    const { size, position } = geometryAt(this.#design, geometry)
    const { x, y } = places[position]!
    return { size: sizes[size]!, position, x, y }
  }

  /** Change by a patch at its choice, for each photograph of the half that is reported on. */
  changes(patches: readonly number[]): Float64Array {
    const { change, trials } = this.#staticSums(patches)
    return change.map((sum, k) => sum / trials[k]!)
  }

  corrected(values: Float64Array, tried: number): Estimate {
    return this.#ofHalf.corrected(values, tried)
  }

  patches(): PatchResult[] {
    const noise = this.#members('noise')
    const real = this.#members('real')
    const byNoise = noise.length > 0 && this.halves.reportedOn.length > 0 ? this.changes(noise) : undefined
    return this.#design.patches.map(({ patch, name, group }, k) => {
      const chosen = this.chosen[k]
      return {
        patch,
        name,
        group,
        static: { chosen: chosen ? this.geometry(chosen) : null, effect: this.staticEffect([k]) },
        dynamic: this.#dynamicEffect([k]),
        overNoise:
          group === 'real' && byNoise
            ? this.corrected(
                this.changes([k]).map((change, at) => change - byNoise[at]!),
                real.length,
              )
            : null,
      }
    })
  }

  /** The patch of a group that does best on the first half, of equals the first. */
  bestOf(group: PatchGroup): Chosen | undefined {
    let best: Chosen | undefined
    for (const k of this.#members(group)) {
      const chosen = this.chosen[k]
      if (chosen && (best === undefined || better(chosen, best, this.#design.criterion ?? 'flips'))) best = chosen
    }
    return best
  }

  groups(): GroupResult[] {
    return (['real', 'noise', 'mean', 'shuffled'] as const).flatMap(group => {
      const members = this.#members(group)
      if (members.length === 0) return []
      const best = this.bestOf(group)
      return [
        {
          group,
          patches: members.length,
          static: this.staticEffect(members),
          dynamic: this.#dynamicEffect(members),
          best: best
            ? {
                patch: this.#design.patches[best.patch]!.patch,
                chosen: this.geometry(best),
                effect: this.staticEffect([best.patch]),
              }
            : null,
        },
      ]
    })
  }

  differences(): Difference[] {
    const real = this.#members('real')
    return (['noise', 'mean', 'shuffled'] as const).flatMap(control => {
      const members = this.#members(control)
      if (real.length === 0 || members.length === 0) return []
      const [ours, theirs] = [this.bestOf('real'), this.bestOf(control)]
      const half = (a: readonly number[], b: readonly number[]) =>
        difference(this.#staticSums(a), this.#staticSums(b), this.#ofHalf)
      return [
        {
          control,
          static: half(real, members),
          dynamic: difference(this.#dynamicSums(real), this.#dynamicSums(members), this.#ofAll),
          best: ours && theirs ? half([ours.patch], [theirs.patch]) : null,
        },
      ]
    })
  }

  /** Shares of flips by real patches at each size and position, over all photographs: a description, not a choice. */
  flipsByGeometry(): Rate[][] {
    const real = this.#members('real')
    const { sizes, places } = this.#design
    return sizes.map((_, s) =>
      places.map((_, p) => {
        const sums = sumsOf(this.#table, this.#all, real, () => geometryOf(this.#design, s, p))
        return effectOf(this.#table, this.#all, sums, this.#ofAll).flipped
      }),
    )
  }
}

/** Means of one group less those of another, photograph by photograph. */
function difference(ours: Sums, theirs: Sums, resampler: Resampler): { flipped: Estimate; change: Estimate } {
  const counts = ours.correct.map((correct, k) => Number(correct > 0 && theirs.correct[k]! > 0))
  const flipped = counts.map((one, k) =>
    one === 0 ? 0 : ours.flipped[k]! / ours.correct[k]! - theirs.flipped[k]! / theirs.correct[k]!,
  )
  const change = ours.change.map((sum, k) => sum / ours.trials[k]! - theirs.change[k]! / theirs.trials[k]!)
  return {
    flipped: resampler.difference(flipped, counts),
    change: resampler.ratio(
      change,
      counts.map(() => 1),
    ),
  }
}
