import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { UserError } from '../../electron/contract/errors.ts'
import { PresetNameSchema, StartKind } from '../../electron/contract/inversion.ts'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { type Chosen, runScript, type Script, timed } from '../fixtures/parts.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { timeAttribution } from './attribution.ts'
import { type IconRow, iconLine, measureIcons } from './icons.ts'
import { peerPython, REFERENCE_LAYERS, timeInversion } from './inversion.ts'
import { timeLayout } from './layout.ts'
import { timePatches } from './patches.ts'
import { timeSampling } from './sampling.ts'

/** Threads of everything that is measured, the peer's included. */
const THREADS = 2
const PHOTOGRAPHS = 96

interface Row {
  readonly what: string
  readonly measured: string
  /** Its target. */
  readonly aim: string
}

const script: Script = {
  command: 'npm run bench',
  about: `Times on ${THREADS} threads as ratios to those of plain forward passes and of a PyTorch implementation: nine minutes.`,
  parts: {
    layout: 'UMAP of 10,000 samples of 512 channels',
    attribution: 'one position to 1,000 classes, in forward passes (needs ../shared)',
    sampling: 'photographs to activations of all layers, against forward passes (needs ../shared)',
    patches: 'an experiment with patches, against forward passes (needs ../shared)',
    inversion:
      'time and fidelity of icons, against PyTorch (needs ../shared, and a python3 with torch, onnx and numpy)',
    icons: 'fidelity, rank, spectrum, continuity and cost of icons of a map, with a sheet for the eye',
  },
  onRequest: ['icons'],
  options: {
    model: { about: 'icons: an ONNX file with its sidecar (GoogLeNet of ../shared)', value: 'FILE' },
    layers: { about: 'icons: layers by name (mixed3b,mixed4c,mixed5b)', value: 'LIST' },
    presets: { about: 'icons: presets (draft,atlas)', value: 'LIST' },
    starts: { about: 'icons: what icons start from: noise, photographs or both (noise)', value: 'LIST' },
    images: { about: 'icons: folders of photographs (those of ../shared)', value: 'LIST' },
    photographs: { about: 'icons: how many of them are sampled (2000)', value: 'N' },
    positions: {
      about: 'icons: samples of each photograph; with many, cells are means of many samples (4)',
      value: 'N',
    },
    cells: { about: 'icons: cells of each map (50)', value: 'N' },
    blind: { about: 'icons: shuffles the presets within each cell of the sheets by this seed', value: 'SEED' },
    prototype: {
      about: 'icons: also those of the PyTorch prototype, for GoogLeNet (needs ../shared and a python3 with torch)',
    },
  },
}

const rows: Row[] = []
const results: Record<string, unknown> = {}
const note = (what: string, measured: string, aim = ''): void => void rows.push({ what, measured, aim })

async function benchLayout(): Promise<void> {
  const layout = await timed('layout', () => timeLayout(10_000, 512, LayoutParams.parse({})))
  results['layout'] = layout
  note('UMAP, 10,000 samples of 512 channels', `${layout.seconds.toFixed(0)} s`)
}

/** Against forward passes of the same network in the same process. */
async function benchPasses(model: string, parts: readonly string[]): Promise<void> {
  const classifier = await loadClassifier(model)
  const runtime = await createCpuRuntime({ threads: THREADS })
  const { images } = await findImages([sharedFolder('images/imagenet-1000')!])
  const layers = classifier.layers.filter(({ name }) => ['mixed3b', 'mixed4c', 'mixed5b'].includes(name))
  if (parts.includes('attribution'))
    for (const layer of layers) {
      const name = `attribution ${layer.name}`
      const cost = await timed(name, () => timeAttribution(classifier, runtime, [layer], 1))
      results[name] = cost
      note(
        `attribution of one position of ${layer.name} to 1,000 classes`,
        `${cost.passesPerPosition.toFixed(2)} forward passes`,
        '≤ 3',
      )
    }
  if (parts.includes('sampling')) {
    const sampling = await timed('sampling', () => timeSampling(classifier, runtime, images.slice(0, PHOTOGRAPHS)))
    results['sampling'] = sampling
    note(
      'sampling from files, all layers, against decoded forward passes',
      `${(100 * sampling.throughput).toFixed(0)} %`,
      '≥ 80 %',
    )
  }
  if (parts.includes('patches')) {
    const files = images.slice(0, 6).map(({ file }) => file)
    const patches = await timed('patches', () => timePatches(classifier, runtime, files))
    results['patches'] = patches
    note(
      'an experiment with patches, from files to trials, against plain forward passes',
      `${(100 * patches.throughput).toFixed(0)} %`,
      '≥ 85 %',
    )
  }
  await runtime.close()
}

async function benchInversion(): Promise<void> {
  const python = peerPython()
  if (!python) {
    console.log('The inversion is not held against its peer: there is no python3 with torch, onnx and numpy.')
    return
  }
  for (const { layer, tensor } of REFERENCE_LAYERS) {
    const pairs = layer === 'mixed4c' ? 3 : 1
    const name = `inversion ${layer}`
    const notebook = await timed(name, () => timeInversion(python, { layer, tensor, pairs }))
    results[name] = notebook
    note(
      `inversion, ${layer}, notebook, 256 steps: time per icon and step to the peer's`,
      `${notebook.ratio.toFixed(2)} (${notebook.ours.toFixed(2)} ms, ${notebook.peer.toFixed(2)} ms)`,
      '≤ .65',
    )
    note(
      '  fidelity, ours and the peer’s',
      `${notebook.fidelity.toFixed(3)}, ${notebook.peerFidelity.toFixed(3)}`,
      '≥ − .01',
    )
    const { steps, fidelity, timesFaster } = notebook.quick
    note(
      `  draft in ${steps} steps: the peer's time over it, and the fidelities of both`,
      `${timesFaster.toFixed(0)}, ${fidelity.toFixed(3)}, ${notebook.peerFidelity.toFixed(3)}`,
      '≥ 25',
    )
  }
}

async function benchIcons(options: Chosen['options']): Promise<void> {
  const text = (name: string): string | undefined => {
    const value = options[name]
    return typeof value === 'string' ? value : undefined
  }
  const list = (name: string): readonly string[] | undefined => text(name)?.split(',')
  const count = (name: string, otherwise: number): number => {
    const value = Number(text(name) ?? otherwise)
    if (Number.isInteger(value) && value > 0) return value
    throw new UserError(`--${name} takes a whole number above 0, not "${text(name)}"`, { exitCode: 2 })
  }
  const googlenet = sharedFolder('models/bvlc_googlenet.onnx')
  const model = text('model') ?? googlenet
  const shared = ['images/imagenet-1000', 'images/cc-by-1000'].flatMap(folder => sharedFolder(folder) ?? [])
  const folders = list('images') ?? shared
  if (model === undefined || folders.length === 0)
    throw new UserError('icons: name a network with --model and photographs with --images, as ../shared is absent', {
      exitCode: 2,
    })
  const presets = (list('presets') ?? ['draft', 'atlas']).map(name => {
    const preset = PresetNameSchema.safeParse(name)
    if (preset.success) return preset.data
    throw new UserError(`--presets: there is no "${name}"; there are ${PresetNameSchema.options.join(', ')}`, {
      exitCode: 2,
    })
  })
  const starts = (list('starts') ?? ['noise']).map(name => {
    const start = StartKind.safeParse(name)
    if (start.success) return start.data
    throw new UserError(`--starts takes ${StartKind.options.join(', ')}, not "${name}"`, { exitCode: 2 })
  })
  const python = options['prototype'] ? peerPython() : undefined
  if (options['prototype'] && python === undefined)
    throw new UserError('--prototype needs a python3 with torch, onnx and numpy; install them, or leave it out')
  const measures: IconRow[] = []
  const each = measureIcons({
    ...{ model, presets, starts, folders, python, threads: THREADS, out: 'out' },
    layers: list('layers') ?? ['mixed3b', 'mixed4c', 'mixed5b'],
    photographs: count('photographs', 2000),
    positions: count('positions', 4),
    cells: count('cells', 50),
    ...(text('blind') !== undefined && { blind: count('blind', 1) }),
    reference: model === googlenet,
  })
  for await (const row of each) {
    measures.push(row)
    console.log(iconLine(row))
    mkdirSync('out', { recursive: true })
    writeFileSync('out/icons.json', JSON.stringify(measures, null, 2))
  }
  results['icons'] = measures
}

await runScript(script, process.argv.slice(2), async ({ parts, options }) => {
  if (parts.includes('icons')) await benchIcons(options)
  const model = sharedFolder('models/bvlc_googlenet.onnx')
  const ofNetwork = parts.filter(part => part !== 'layout' && part !== 'icons')
  if (parts.includes('layout')) await benchLayout()
  if (model) {
    if (ofNetwork.some(part => part !== 'inversion')) await benchPasses(model, parts)
    if (parts.includes('inversion')) await benchInversion()
  } else if (ofNetwork.length > 0)
    console.log(`Not measured: ${ofNetwork.join(', ')}, as ../shared, with the network and its reference, is absent.`)
  if (rows.length === 0 && Object.keys(results).length === 0)
    throw new UserError(`${script.command}: nothing was measured`)

  const width = Math.max(0, ...rows.map(row => row.what.length))
  for (const { what, measured, aim } of rows) console.log(`${what.padEnd(width)}  ${measured.padEnd(30)}  ${aim}`)
  mkdirSync('out', { recursive: true })
  const report = { machine: cpus()[0]?.model, threads: THREADS, rows, results }
  writeFileSync('out/bench.json', JSON.stringify(report, null, 2))
  console.log('written to out/bench.json')
})
