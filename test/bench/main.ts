import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { timeAttribution } from './attribution.ts'
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
  /** What is wanted of it. */
  readonly aim: string
}

const rows: Row[] = []
const results: Record<string, unknown> = {}
const note = (what: string, measured: string, aim = ''): void => void rows.push({ what, measured, aim })

const layout = await timeLayout(10_000, 512, LayoutParams.parse({}))
results['layout'] = layout
note('UMAP, 10,000 samples of 512 channels', `${layout.seconds.toFixed(0)} s`)

const model = sharedFolder('models/bvlc_googlenet.onnx')
if (!model) console.log('Only the layout is measured: ../shared, with the network and its reference, is absent.')
else {
  const classifier = await loadClassifier(model)
  const runtime = await createCpuRuntime({ threads: THREADS })
  const layers = classifier.layers.filter(({ name }) => ['mixed3b', 'mixed4c', 'mixed5b'].includes(name))
  for (const layer of layers) {
    const cost = await timeAttribution(classifier, runtime, [layer], 1)
    results[`attribution ${layer.name}`] = cost
    note(
      `attribution of one position of ${layer.name} to 1,000 classes`,
      `${cost.passesPerPosition.toFixed(2)} forward passes`,
      '≤ 3',
    )
  }
  const { images } = await findImages([sharedFolder('images/imagenet-1000')!])
  const sampling = await timeSampling(classifier, runtime, images.slice(0, PHOTOGRAPHS))
  results['sampling'] = sampling
  note(
    'sampling from files, all layers, against decoded forward passes',
    `${(100 * sampling.throughput).toFixed(0)} %`,
    '≥ 80 %',
  )
  const patches = await timePatches(
    classifier,
    runtime,
    images.slice(0, 6).map(({ file }) => file),
  )
  results['patches'] = patches
  note(
    'an experiment with patches, from files to trials, against plain forward passes',
    `${(100 * patches.throughput).toFixed(0)} %`,
    '≥ 85 %',
  )
  await runtime.close()

  const python = peerPython()
  if (!python)
    console.log('The inversion is not held against its peer: there is no python3 with torch, onnx and numpy.')
  else
    for (const { layer, tensor } of REFERENCE_LAYERS) {
      const pairs = layer === 'mixed4c' ? 3 : 1
      const notebook = timeInversion(python, { layer, tensor, pairs })
      results[`inversion ${layer}`] = notebook
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
    }
}

const width = Math.max(...rows.map(row => row.what.length))
for (const { what, measured, aim } of rows) console.log(`${what.padEnd(width)}  ${measured.padEnd(30)}  ${aim}`)
mkdirSync('out', { recursive: true })
writeFileSync('out/bench.json', JSON.stringify({ machine: cpus()[0]?.model, threads: THREADS, rows, results }, null, 2))
console.log('written to out/bench.json')
