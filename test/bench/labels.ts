import { parseArgs } from 'node:util'
import type { ClassGroup } from '../../electron/contract/cell-labels.ts'
import { newLayout } from '../../electron/contract/layout.ts'
import { attributionPages } from '../../electron/engine/atlas/cell-labels.ts'
import { classGroups } from '../../electron/engine/atlas/class-groups.ts'
import { photographsOf } from '../../electron/engine/class-atlas/photographs.ts'
import { readRows } from '../../electron/engine/class-atlas/source.ts'
import { type Label, labelsOfCells } from '../../electron/engine/layout/cell-labels.ts'
import { OUTSIDE } from '../../electron/engine/layout/cell-sums.ts'
import { gridOf, slotsOf } from '../../electron/engine/layout/grid.ts'
import { GroupScores } from '../../electron/engine/layout/group-scores.ts'
import { layout } from '../../electron/engine/layout/run.ts'
import { layerAt } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { largestOf, randomHalves } from '../../electron/engine/statistics/winner.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { sampleSet } from '../../electron/engine/store/samples.ts'

/*
 * How reliable the labels of cells are: how many cells have one, and whether halves of the photographs agree on it.
 *   node test/bench/labels.ts --project p.portolan --model net.onnx --layer mixed4c [--per-photograph 5] [--grids 5,10]
 * `held` is the share of the labels that all photographs of a random half show, by themselves and with thresholds of their own,
 * which also have the largest mean on the other half; labels are chosen without that half.
 */

const MIN_SAMPLES = 4
/** Random halvings of the photographs: two sets of labels each. */
const HALVINGS = 20

interface Halves {
  /** [halvings][photographs], 1 in the first half. */
  readonly first: readonly Uint8Array[]
  /** [halvings][half], sums of each cell: [cells, classes] and [cells, groups and others]. */
  readonly classes: readonly (readonly [Float64Array, Float64Array])[]
  readonly groups: readonly (readonly [Float64Array, Float64Array])[]
}

if (import.meta.main) {
  const { values: given } = parseArgs({
    options: {
      project: { type: 'string', default: '' },
      model: { type: 'string', default: '' },
      layer: { type: 'string', default: '' },
      'per-photograph': { type: 'string' },
      grids: { type: 'string', default: '5,10' },
    },
  })
  const db = openProject(given.project, { mode: 'read' })
  const classifier = await loadClassifier(given.model)
  const atlas = listAtlases(db).find(({ layer }) => layer === given.layer)
  if (atlas === undefined) throw new Error(`${given.project} has no atlas of ${given.layer}`)
  const runtime = await createCpuRuntime({ threads: 2 })
  const layer = layerAt(classifier, atlas.tensor, atlas.layer)
  const total = sampleSet(db, atlas.set)!.n
  const { clusters: photographs } = photographsOf(
    db,
    atlas.set,
    Uint32Array.from({ length: total }, (_, s) => s),
  )
  const chosen = chosenOf(photographs, Number(given['per-photograph'] ?? total))
  const { set, attribution } = atlas
  const rows = await readRows({ db, set, classifier, layer, attribution, runtime }, chosen)
  const { positions } = await layout(
    { rows, n: chosen.length, channels: layer.channels },
    newLayout({}),
    0,
    new AbortController().signal,
    () => {},
  )
  const pages = () => attributionPages(db, atlas, layer, { classifier, runtime })
  const groups = classGroups(classifier)?.groups ?? []
  const classes = classifier.labels.length
  for (const size of given.grids.split(',').map(Number)) {
    const grid = gridOf(positions, size, MIN_SAMPLES)
    const slotOf = slotsOf(grid)
    const slots = new Int32Array(total).fill(OUTSIDE)
    for (const [at, s] of chosen.entries()) slots[s] = slotOf[grid.cellOf[at]!]!
    const cells = grid.shown.length
    const samples = { classes, groups, excluded: [], slots, cells, photographs }
    const shown = await labelsOfCells(samples, pages)
    const scores = new GroupScores(groups, classes, [])
    const halves = await sumsOfHalves(samples, scores, pages)
    const own = { labels: 0, held: 0 }
    const plain = { cells: 0, agree: 0 }
    for (const [r, first] of halves.first.entries())
      for (const half of [0, 1]) {
        const of = slots.map((slot, s) => (slot === OUTSIDE || first[photographs[s]!] === half ? OUTSIDE : slot))
        const labels = await labelsOfCells({ ...samples, slots: of }, pages)
        for (const [cell, label] of labels.entries()) {
          if (label === null) continue
          own.labels++
          if (isLargest(label, cell, scores, halves.classes[r]![1 - half]!, halves.groups[r]![1 - half]!)) own.held++
        }
        if (half === 1) continue
        for (let cell = 0; cell < cells; cell++) {
          const [a, b] = halves.classes[r]!.map(sums => topOf(sums, cell, classes)) as [number, number]
          plain.cells++
          if (a === b) plain.agree++
        }
      }
    const labelled = shown.filter(label => label !== null)
    const agreements = labelled.map(({ agreement }) => agreement)
    console.log(
      JSON.stringify({
        ...{ layer: given.layer, samples: chosen.length, grid: size, cells },
        topClassAgrees: plain.agree / plain.cells,
        byClass: labelled.filter(({ kind }) => kind === 'class').length,
        byGroup: labelled.filter(({ kind }) => kind === 'group').length,
        names: countsOf(labelled.map(label => nameOf(label, groups, classifier.labels))),
        agreement: agreements.reduce((sum, each) => sum + each, 0) / agreements.length,
        least: Math.min(...agreements),
        ofHalves: own.labels,
        held: own.held / own.labels,
      }),
    )
  }
  await runtime.close()
  db.close()
}

/** Some samples of each photograph, drawn at random; ascending. */
function chosenOf(photographs: ArrayLike<number>, each: number): Uint32Array {
  const members = Map.groupBy(Array.from(photographs).keys(), s => photographs[s]!)
  const chosen = [...members].flatMap(([photograph, its]) =>
    Array.from(new Random('samples of a photograph', photograph).subset(its.length, each), at => its[at]!),
  )
  return Uint32Array.from(chosen).sort()
}

async function sumsOfHalves(
  { slots, cells, classes, photographs }: Parameters<typeof labelsOfCells>[0],
  scores: GroupScores,
  pages: Parameters<typeof labelsOfCells>[1],
): Promise<Halves> {
  const distinct = new Set(Array.from(photographs)).size
  const halves: Halves = {
    first: randomHalves(distinct, HALVINGS, 'all photographs'),
    classes: Array.from(
      { length: HALVINGS },
      () => [new Float64Array(cells * classes), new Float64Array(cells * classes)] as const,
    ),
    groups: Array.from(
      { length: HALVINGS },
      () => [new Float64Array(cells * scores.width), new Float64Array(cells * scores.width)] as const,
    ),
  }
  const own = new Float64Array(scores.width)
  for await (const { start, values } of pages())
    for (let s = 0; s < values.length / classes; s++) {
      const cell = slots[start + s]!
      if (cell === OUTSIDE) continue
      scores.ofSample(values, s * classes, own)
      scores.observe(own)
      if (cell < 0) continue
      for (let r = 0; r < HALVINGS; r++) {
        // The first half is that of index 0.
        const half = 1 - halves.first[r]![photographs[start + s]!]!
        const [ofClasses, ofGroups] = [halves.classes[r]![half]!, halves.groups[r]![half]!]
        for (let c = 0; c < classes; c++) ofClasses[cell * classes + c]! += values[s * classes + c]!
        for (let node = 0; node < own.length; node++) ofGroups[cell * own.length + node]! += own[node]!
      }
    }
  for (const both of halves.groups) for (const each of both) scores.standardise(each)
  return halves
}

/** The class with the largest sum in a cell. */
function topOf(ofCells: Float64Array, cell: number, classes: number): number {
  const own = ofCells.subarray(cell * classes, (cell + 1) * classes)
  return largestOf(own, Array.from(own.keys()))
}

/** Whether a label has the largest mean among its competitors, on all the way down to it. */
function isLargest(
  { kind, index }: Label,
  cell: number,
  scores: GroupScores,
  ofClasses: Float64Array,
  ofGroups: Float64Array,
): boolean {
  if (kind === 'class') return topOf(ofClasses, cell, ofClasses.length / (ofGroups.length / scores.width)) === index
  const own = ofGroups.subarray(cell * scores.width, (cell + 1) * scores.width)
  for (let children = scores.top; children.length > 0; ) {
    const node = largestOf(own, children)
    if (node === index) return true
    children = scores.childrenOf(node)
  }
  return false
}

function nameOf(
  { kind, index }: Label,
  groups: readonly ClassGroup[],
  labels: readonly { readonly name: string }[],
): string {
  return kind === 'class' ? labels[index]!.name : `${groups[index]!.name} (group)`
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, name => name)].map(([name, all]) => [name, all.length]))
}
