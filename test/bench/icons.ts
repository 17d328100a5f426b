import { mkdirSync, writeFileSync } from 'node:fs'
import { UserError } from '../../electron/contract/errors.ts'
import { type Inversion, type PresetName, PresetNameSchema, type StartKind } from '../../electron/contract/inversion.ts'
import { FROM_PHOTOGRAPHS, PRESETS } from '../../electron/contract/presets.ts'
import { secondMoment } from '../../electron/engine/atlas/moment.ts'
import { encodePng } from '../../electron/engine/images/encode.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import { sizedAt } from '../../electron/engine/inversion/layer-size.ts'
import { centringOf } from '../../electron/engine/inversion/objective.ts'
import { whitening } from '../../electron/engine/inversion/whitening.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { timed } from '../fixtures/parts.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { cellsOfMap, chosenCells, givenDirections, type Samples, sampleLayers, type Targets } from './icon-cells.ts'
import { type Made, type Measured, measured } from './icon-measures.ts'
import { prototypeIcons } from './icon-prototype.ts'
import { iconSheet } from './icon-sheet.ts'
import type { Square } from './picture-statistics.ts'

const MAX_BATCH = 32
const CROPS = 3

interface IconBench {
  /** An ONNX file with its sidecar. */
  readonly model: string
  readonly layers: readonly string[]
  readonly presets: readonly PresetName[]
  /** Each preset from each of these; from photographs for cells of a map only, with a row for the start alone. */
  readonly starts: readonly StartKind[]
  readonly folders: readonly string[]
  readonly photographs: number
  /** Samples of each photograph. */
  readonly positions: number
  /** Cells of each map that are inverted. */
  readonly cells: number
  readonly threads: number
  /** Folder for the sheets. */
  readonly out: string
  /** Seed that shuffles the icons of each cell on the sheets. */
  readonly blind?: number
  /** Interpreter of the prototype, for GoogLeNet. */
  readonly python?: string | undefined
  /** Also the shared reference directions. */
  readonly reference: boolean
}

/** A row of the table: what was measured, and of which directions. */
export type IconRow = Measured & { readonly of: string }

/**
 * Icons of some presets for cells of real maps, judged one after the other, so that an interrupted run has its first
 * rows; and for each set of directions a sheet for the eye.
 */
export async function* measureIcons(bench: IconBench): AsyncGenerator<IconRow, void, void> {
  const classifier = await loadClassifier(bench.model)
  const runtime = await createCpuRuntime({ threads: bench.threads })
  const layers = bench.layers.map(name => findLayer(classifier, name))
  const { folders, photographs: count, positions } = bench
  const samples = await timed(`${positions} samples of each of ${count} photographs`, () =>
    sampleLayers(classifier, runtime, layers, { folders, count, positions }),
  )
  try {
    for (const layer of layers) {
      const sets = [{ of: 'cells of a map', targets: await cellsOfMap(samples, layer) }]
      const directions = bench.reference && sharedFolder(`reference/inversion/${layer.name}.directions.f32`)
      if (directions) sets.push({ of: 'reference directions', targets: givenDirections(samples, layer, directions) })
      for (const { of, targets } of sets)
        for await (const row of measureTargets(bench, { samples, runtime, targets, name: `${layer.name}, ${of}` }))
          yield { ...row, of }
    }
  } finally {
    await runtime.close()
  }
}

interface Work {
  readonly samples: Samples
  readonly runtime: Runtime
  readonly targets: Targets
  readonly name: string
}

async function* measureTargets(bench: IconBench, work: Work): AsyncGenerator<Measured, void, void> {
  const { samples, runtime, targets, name } = work
  const { channels } = targets.layer
  const cells = chosenCells(targets, bench.cells)
  const directions = new Float32Array(cells.length * channels)
  for (const [row, cell] of cells.entries())
    directions.set(targets.directions.subarray(cell * channels, (cell + 1) * channels), row * channels)
  const all: Made[] = []
  for (const make of makers(bench, work, cells, directions)) {
    const icons = await timed(`${name}, ${make.name}`, make.run)
    if (icons === undefined) continue
    all.push(icons)
    const crops: Square[] = []
    for (const cell of cells) crops.push(...(await targets.crops(cell, 1, icons.icons[0]!.size)))
    yield await measured(samples.classifier, runtime, targets, cells, { made: icons, crops })
  }
  const size = Math.max(...all.map(({ icons }) => icons[0]!.size))
  const crops: Square[][] = []
  for (const cell of cells) crops.push(await targets.crops(cell, CROPS, size))
  await writeSheet(bench, name, all, crops)
}

/** The presets, each with the prototype's recipe of the same name where it is requested. */
const makers = (bench: IconBench, work: Work, cells: readonly number[], directions: Float32Array) =>
  bench.presets.flatMap(preset => {
    const { startOf } = work.targets
    const ours = bench.starts.flatMap(start => {
      if (start === 'noise') return [{ name: preset, run: () => made(work, preset, directions) }]
      if (startOf === undefined) return []
      const pictures = (size: number) => startPictures(cells, size, startOf)
      return [
        { name: `start of ${preset}`, run: () => startsAlone(work, preset, pictures) },
        { name: `${preset} from photographs`, run: () => made(work, preset, directions, pictures) },
      ]
    })
    const { python } = bench
    if (python === undefined || !(preset === 'draft' || preset === 'atlas' || preset === 'calm')) return ours
    const theirs = () => prototypeIcons(python, work.targets.layer.name, preset, directions)
    return [...ours, { name: `prototype ${preset}`, run: theirs }]
  })

type Pictures = (size: number) => Promise<Float32Array>

/** @throws UserError for a cell with too few photographs, which the product starts from noise */
async function startPictures(
  cells: readonly number[],
  size: number,
  startOf: NonNullable<Targets['startOf']>,
): Promise<Float32Array> {
  const width = 3 * size ** 2
  const pictures = new Float32Array(cells.length * width)
  for (const [row, cell] of cells.entries()) {
    const picture = await startOf(cell, size, FROM_PHOTOGRAPHS)
    if (picture === undefined) throw new UserError(`cell ${cell} has too few photographs to start from: give more`)
    pictures.set(picture, row * width)
  }
  return pictures
}

/** The pictures that the icons start from, as if they were icons. */
async function startsAlone({ samples, targets }: Work, preset: PresetName, pictures: Pictures): Promise<Made> {
  const { size } = sizedAt(samples.classifier, targets.layer, PRESETS[preset].inversion)
  const rgb = Uint8Array.from(await pictures(size), value => Math.round(255 * value))
  const width = 3 * size ** 2
  const icons = Array.from({ length: rgb.length / width }, (_, i) => ({
    rgb: rgb.subarray(i * width, (i + 1) * width),
    size,
  }))
  return { name: `start of ${preset}`, icons, cpuSeconds: 0, seconds: 0 }
}

/** Icons of a preset with the statistics of the map's samples, and the processor time of the optimisation alone. */
async function made(
  { samples, runtime, targets }: Work,
  preset: PresetName,
  directions: Float32Array,
  pictures?: Pictures,
): Promise<Made> {
  const given = PRESETS[PresetNameSchema.parse(preset)].inversion
  const inversion: Inversion = pictures ? { ...given, start: FROM_PHOTOGRAPHS } : given
  const { layer, mean } = targets
  const rows = samples.rows.get(layer.name)!
  const signal = new AbortController().signal
  const matrix = inversion.objective.whiten
    ? whitening(
        await secondMoment(
          runtime,
          layer.channels,
          [{ values: rows }],
          sample => Math.floor(sample / samples.positions),
          signal,
        ),
        1e-3,
      )
    : undefined
  const batch = Math.min(MAX_BATCH, directions.length / layer.channels)
  const inverter = await Inverter.create(samples.classifier, runtime, layer, { ...inversion, batch })
  const starts = await pictures?.(inverter.inversion.size)
  const width = 3 * inverter.inversion.size ** 2
  const icons: Square[] = []
  let [cpu, clock] = [0, 0]
  for (let from = 0; from < directions.length; from += batch * layer.channels) {
    const part = directions.subarray(from, from + batch * layer.channels)
    let [start, began] = [process.cpuUsage(), performance.now()]
    const results = await inverter.invert(part, {
      seed: 0,
      starts: starts?.subarray(icons.length * width, (icons.length + part.length / layer.channels) * width),
      whitening: matrix,
      mean: centringOf(inversion) > 0 ? mean : undefined,
      // The first step also opens the session, and what follows the last one measures fidelity.
      report: ({ done, total }) => {
        if (done === 1) [start, began] = [process.cpuUsage(), performance.now()]
        if (done !== total) return
        const { user, system } = process.cpuUsage(start)
        cpu += ((user + system) / 1e6) * (total / (total - 1))
        clock += ((performance.now() - began) / 1e3) * (total / (total - 1))
      },
    })
    icons.push(...results)
  }
  await inverter.release()
  // Short batches are filled up.
  const inverted = Math.ceil(icons.length / batch) * batch
  return {
    name: pictures ? `${preset} from photographs` : preset,
    icons,
    cpuSeconds: cpu / inverted,
    seconds: clock / inverted,
  }
}

async function writeSheet(
  { out, blind }: IconBench,
  name: string,
  all: readonly Made[],
  crops: readonly (readonly Square[])[],
): Promise<void> {
  const { picture, order } = await iconSheet(new Map(all.map(({ name, icons }) => [name, icons])), crops, blind)
  const file = `${out}/icons ${name.replaceAll('/', '-')}`
  mkdirSync(out, { recursive: true })
  writeFileSync(`${file}.png`, await encodePng(picture))
  writeFileSync(`${file}.order.json`, JSON.stringify(order))
}

/** A row in words. */
export function iconLine(row: IconRow): string {
  const n = (value: number, digits = 3): string => value.toFixed(digits).replace(/^0/, '')
  const near = row.neighbours ? `, neighbours ${n(row.neighbours.icons, 2)} against ${n(row.randomPairs.icons, 2)}` : ''
  return (
    `${row.layer}, ${row.of}, ${row.name} (${row.icons} icons of ${row.size} px): fidelity ${n(row.fidelity.mean)}, ` +
    `worst tenth ${n(row.fidelity.worstTenth)}, robust ${n(row.robustFidelity.mean)}, chance ${n(row.chance)}, own ` +
    `nearest ${Math.round(100 * row.ownNearest)} % (centred ${Math.round(100 * row.ownNearestCentred)} %), variation × ` +
    `${n(row.totalVariation, 2)}, fine × ${n(row.fine, 2)}, large × ${n(row.large, 2)}${near}; ` +
    `${row.cpuSecondsPerIcon.toFixed(3)} processor s an icon`
  )
}
