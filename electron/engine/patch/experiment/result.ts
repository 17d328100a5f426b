import { fewPhotographs } from '../../../contract/experiment.ts'
import type {
  ControlGroup,
  Difference,
  Estimate,
  Geometry,
  GroupResult,
  ModelResult,
  OverControls,
  PatchGroup,
  PatchResult,
  Rate,
} from '../../../contract/experiment-result.ts'
import { controlGroups } from '../../../contract/experiment-result.ts'
import { pairedMean, Resampler } from '../../statistics/intervals.ts'
import { effectOf, type Pair, type Sums, sumsOf } from './effect.ts'
import { bestFor, type Choice, changeOf, type Halves, halvesOf, type TrialTable } from './trial-table.ts'
import { type Axes, geometryAt, geometryOf, trialAt } from './variants.ts'

/** A patch as a column of the trials. */
export interface TriedPatch {
  readonly patch: number
  readonly name: string
  readonly group: PatchGroup
  /** Of a control: the columns of the real patches that it controls. */
  readonly of: readonly number[]
}

/**
 * What a size and a position are chosen by, over the differences between a patch and its controls: the smallest mean, or
 * the smallest lower bound, which prefers what is certain.
 */
export type Criterion = 'mean' | 'lower bound'

export interface Design extends Axes {
  readonly patches: readonly TriedPatch[]
  readonly seed: number
  readonly resamplings: number
  readonly criterion?: Criterion
}

/** One geometry of a real patch for all photographs, and how well it does on the half it was chosen on. */
export interface Chosen {
  readonly patch: number
  readonly geometry: number
  /** By the criterion: above the best control; without controls, above the photograph alone. */
  readonly score: number
  /** Mean change of the target's log-odds. */
  readonly change: number
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

/**
 * One set of trials, its halves and its choices, each made once. A real patch gets one size and position on the first
 * half, by how far it lies above its controls there; its controls are read at the same size and position, photograph by
 * photograph. The dynamic results take the best size and position of each patch and of each control for each photograph.
 */
export class Analysis {
  readonly halves: Halves
  /** What each real patch does best with on the first half; undefined for controls, and without photographs. */
  readonly chosen: readonly (Chosen | undefined)[]
  readonly #table: TrialTable
  readonly #design: Design
  readonly #all: readonly number[]
  readonly #ofAll: Resampler
  readonly #ofHalf: Resampler
  readonly #real: readonly number[]
  /** By group and real patch. */
  readonly #controlsOf = new Map<string, number[]>()
  /** The best geometry for each photograph and patch. */
  readonly #dynamic: readonly Int32Array[]

  constructor(table: TrialTable, keys: readonly string[], design: Design) {
    this.#table = table
    this.#design = design
    this.#all = Array.from({ length: table.photographs }, (_, k) => k)
    this.#real = design.patches.flatMap(({ group }, k) => (group === 'real' ? [k] : []))
    for (const [k, { group, of }] of design.patches.entries())
      for (const patch of of) {
        const known = this.#controlsOf.get(`${group} ${patch}`)
        if (known) known.push(k)
        else this.#controlsOf.set(`${group} ${patch}`, [k])
      }
    // An experiment with one size and position has nothing to choose: then every photograph is reported on.
    this.halves =
      table.geometries === 1 && design.criterion === undefined
        ? { chosenOn: [], reportedOn: this.#all }
        : halvesOf(table, keys, design.seed)
    this.chosen = design.patches.map(({ group }, k) => (group === 'real' ? this.#choose(k) : undefined))
    this.#dynamic = this.#all.map(photograph =>
      Int32Array.from({ length: table.patches }, (_, patch) => bestFor(table, photograph, patch)),
    )
    this.#ofAll = new Resampler(table.photographs, design.resamplings, design.seed)
    this.#ofHalf = new Resampler(this.halves.reportedOn.length, design.resamplings, design.seed)
  }

  /** Whether size and position were given, so that no photograph was spent on choosing them. */
  get #isGiven(): boolean {
    return this.halves.chosenOn.length === 0
  }

  /** The controls of a real patch, in one group. */
  #controls(patch: number, group: ControlGroup): readonly number[] {
    return this.#controlsOf.get(`${group} ${patch}`) ?? []
  }

  #choose(patch: number): Chosen | undefined {
    const photographs = this.#isGiven ? this.halves.reportedOn : this.halves.chosenOn
    if (photographs.length === 0) return undefined
    let best: Chosen | undefined
    for (let geometry = 0; geometry < this.#table.geometries; geometry++) {
      const changes = this.changesAt(photographs, [patch], geometry)
      const above = this.#above(photographs, patch, geometry)
      const compared = above.length === 0 ? [changes] : above.map(({ values }) => values)
      const score = Math.min(
        ...compared.map(values => {
          const { value, low } = pairedMean(values)
          return this.#design.criterion === 'lower bound' ? low : value
        }),
      )
      const change = changes.reduce((sum, x) => sum + x, 0) / photographs.length
      if (best === undefined || score > best.score) best = { patch, geometry, score, change }
    }
    return best
  }

  /** Change by some columns at a geometry, their mean for each photograph. */
  changesAt(photographs: readonly number[], columns: readonly number[], geometry: number): Float64Array {
    return Float64Array.from(
      photographs,
      photograph =>
        columns.reduce(
          (sum, k) => sum + changeOf(this.#table, photograph, trialAt(this.#table, photograph, k, geometry)),
          0,
        ) / columns.length,
    )
  }

  /** What a patch does above each group of its controls at a geometry, photograph by photograph. */
  #above(
    photographs: readonly number[],
    patch: number,
    geometry: number,
  ): readonly { readonly control: ControlGroup; readonly values: Float64Array }[] {
    const ours = this.changesAt(photographs, [patch], geometry)
    return controlGroups.flatMap(control => {
      const controls = this.#controls(patch, control)
      if (controls.length === 0) return []
      const theirs = this.changesAt(photographs, controls, geometry)
      return [{ control, values: ours.map((change, k) => change - theirs[k]!) }]
    })
  }

  /**
   * A real patch above each group of its controls, on the half that is reported on; and the smallest of these differences.
   * @param tried number of patches that the intervals are corrected for (Bonferroni)
   */
  overControls(patch: number, tried: number, half: 'chosenOn' | 'reportedOn' = 'reportedOn'): OverControls | null {
    const chosen = this.chosen[patch]
    const photographs = this.halves[half]
    if (chosen === undefined || photographs.length === 0) return null
    const each = this.#above(photographs, patch, chosen.geometry).map(({ control, values }) => ({
      control,
      difference: pairedMean(values, tried),
    }))
    if (each.length === 0) return null
    const smallest = each.reduce((a, b) => (b.difference.value < a.difference.value ? b : a))
    return { each, smallest, holds: each.every(({ difference }) => difference.photographs > 1 && difference.low > 0) }
  }

  /** The differences of a patch to the control that it exceeds by the smallest amount, on one half, photograph by photograph. */
  smallestDifferences(patch: number, half: 'chosenOn' | 'reportedOn'): Float64Array {
    const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length
    const above = this.#above(this.halves[half], patch, this.chosen[patch]!.geometry)
    return above.reduce((a, b) => (mean(b.values) < mean(a.values) ? b : a)).values
  }

  readonly #static: Choice = (_, patch) => this.chosen[patch]?.geometry ?? 0
  readonly #best: Choice = (photograph, patch) => this.#dynamic[photograph]![patch]!

  /** Columns of a group, each with the real patch at whose size and position it is read. */
  #pairs(group: PatchGroup, real: readonly number[] = this.#real): Pair[] {
    return group === 'real'
      ? real.map(k => ({ column: k, at: k }))
      : real.flatMap(k => this.#controls(k, group).map(column => ({ column, at: k })))
  }

  /** The columns of pairs, each once, at sizes and positions of their own. */
  #own(pairs: readonly Pair[]): Pair[] {
    return [...new Set(pairs.map(({ column }) => column))].map(column => ({ column, at: column }))
  }

  #staticSums(pairs: readonly Pair[]): Sums {
    return sumsOf(this.#table, this.halves.reportedOn, pairs, this.#static)
  }

  #dynamicSums(pairs: readonly Pair[]): Sums {
    return sumsOf(this.#table, this.#all, this.#own(pairs), this.#best)
  }

  staticEffect(pairs: readonly Pair[]) {
    return effectOf(this.#table, this.halves.reportedOn, this.#staticSums(pairs), this.#ofHalf)
  }

  #dynamicEffect(pairs: readonly Pair[]) {
    return effectOf(this.#table, this.#all, this.#dynamicSums(pairs), this.#ofAll)
  }

  geometry({ geometry }: Chosen): Geometry {
    const { sizes, places } = this.#design
    const { size, position } = geometryAt(this.#design, geometry)
    const { x, y } = places[position]!
    return { size: sizes[size]!, position, x, y }
  }

  patches(): PatchResult[] {
    return this.#design.patches.map(({ patch, name, group, of }, k) => {
      const at = group === 'real' ? k : (of[0] ?? k)
      const chosen = this.chosen[at]
      return {
        patch,
        name,
        group,
        static: { chosen: chosen ? this.geometry(chosen) : null, effect: this.staticEffect([{ column: k, at }]) },
        dynamic: this.#dynamicEffect([{ column: k, at: k }]),
        overControls: group === 'real' ? this.overControls(k, this.#real.length) : null,
      }
    })
  }

  /**
   * The real patch that does best on the first half, of equals the first; undefined where several were tried and no half
   * was kept for choosing.
   */
  best(): Chosen | undefined {
    return this.#isGiven && this.#real.length > 1 ? undefined : this.ranked()[0]
  }

  /** The real patches by what they do on the first half, best first, of equals the first. */
  ranked(): readonly Chosen[] {
    return this.chosen.filter(chosen => chosen !== undefined).sort((a, b) => b.score - a.score)
  }

  groups(): GroupResult[] {
    const best = this.best()
    return (['real', ...controlGroups] as const).flatMap(group => {
      const pairs = this.#pairs(group)
      if (pairs.length === 0) return []
      const ofBest = best ? this.#pairs(group, [best.patch]) : []
      return [
        {
          group,
          patches: this.#own(pairs).length,
          static: this.staticEffect(pairs),
          dynamic: this.#dynamicEffect(pairs),
          best:
            best && ofBest[0]
              ? {
                  patch: this.#design.patches[ofBest[0].column]!.patch,
                  chosen: this.geometry(best),
                  effect: this.staticEffect(ofBest),
                }
              : null,
        },
      ]
    })
  }

  differences(): Difference[] {
    const best = this.best()
    const real = this.#pairs('real')
    return controlGroups.flatMap(control => {
      const controls = this.#pairs(control)
      if (controls.length === 0) return []
      const half = (a: readonly Pair[], b: readonly Pair[]) =>
        difference(this.#staticSums(a), this.#staticSums(b), this.#ofHalf)
      const ofBest = best ? this.#pairs(control, [best.patch]) : []
      return [
        {
          control,
          static: half(real, controls),
          dynamic: difference(this.#dynamicSums(real), this.#dynamicSums(controls), this.#ofAll),
          best: best && ofBest.length > 0 ? half(this.#pairs('real', [best.patch]), ofBest) : null,
        },
      ]
    })
  }

  /** Shares of flips by real patches at each size and position, over all photographs: a description, not a choice. */
  flipsByGeometry(): Rate[][] {
    const { sizes, places } = this.#design
    return sizes.map((_, s) =>
      places.map((_, p) => {
        const sums = sumsOf(this.#table, this.#all, this.#pairs('real'), () => geometryOf(this.#design, s, p))
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
  return { flipped: resampler.difference(flipped, counts), change: pairedMean(change) }
}
