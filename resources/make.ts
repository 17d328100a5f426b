/**
 * Makes what stands beside it: models/inceptionv1-portolan.onnx and samples/inceptionv1-portolan.samples, from the
 * network and the photographs in ../shared. Half an hour on two cores; interrupted, it goes on where it was.
 *
 *   node_modules/.bin/node resources/make.ts
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { progressDisplay } from '../electron/engine/cli/progress.ts'
import { existingLayout, layOut } from '../electron/engine/jobs/atlas/layout.ts'
import { enterPhotographs, type Photographs } from '../electron/engine/jobs/atlas/photographs.ts'
import { drawSamples, existingSamples, type SampleOrder } from '../electron/engine/jobs/atlas/samples.ts'
import { demoOrder } from '../electron/engine/jobs/demo.ts'
import { enterModel } from '../electron/engine/jobs/models/enter.ts'
import { runJob } from '../electron/engine/jobs/run.ts'
import { exportSamples } from '../electron/engine/jobs/samples/export.ts'
import { readModel } from '../electron/engine/model/file.ts'
import { findLayer } from '../electron/engine/model/layers.ts'
import { loadClassifier } from '../electron/engine/model/load.ts'
import { writeGraph } from '../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../electron/engine/runtime/onnxruntime.ts'
import { contentKey } from '../electron/engine/store/keys.ts'
import { openOrCreateProject } from '../electron/engine/store/open.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const NAME = 'inceptionv1-portolan'
const { report, end } = progressDisplay(process.stderr, () => performance.now())
const signal = new AbortController().signal

// The network, its weights in half the bytes; what belongs to it beside it. Its .md is written by hand.
const { graph } = await readModel(at(`../../shared/models/${NAME}.onnx`))
await mkdir(at('models'), { recursive: true })
await writeFile(at(`models/${NAME}.onnx`), writeGraph(graph, { weights: 'float16' }))
for (const file of [`${NAME}.model.json`, 'imagenet-synsets.txt'])
  await writeFile(at(`models/${file}`), await readFile(at(`../../shared/models/${file}`)))

/** All of the first set, every second of the other: 1,500 photographs, two positions each. */
const every = (photographs: Photographs): Photographs => {
  const sources = photographs.sources.filter(({ file }, i) => file.includes('imagenet-1000') || i % 2 === 0)
  return { ...photographs, sources, key: contentKey({ of: photographs.key, chosen: 'every second of cc-by-1000' }) }
}

const classifier = await loadClassifier(at(`models/${NAME}.onnx`))
const runtime = await createCpuRuntime()
await mkdir(at('../.portolan-cache'), { recursive: true })
const project = openOrCreateProject(at('../.portolan-cache/make.portolan'), { command: 'resources/make.ts' })
try {
  enterModel(project, classifier)
  const { result: set } = await runJob(
    project,
    'make samples',
    {},
    async job => {
      const folders = ['imagenet-1000', 'cc-by-1000'].map(folder => at(`../../shared/images/${folder}`))
      const photographs = every(await enterPhotographs(project, folders, job))
      const params = { seed: 0, positionsPerImage: 2, attribution: 'exact' } as const
      const order: SampleOrder = { classifier, runtime, photographs, layers: classifier.layers, params }
      const drawn = await job.stage({
        name: 'samples',
        existing: () => existingSamples(project, order),
        compute: work => drawSamples(project, order, work),
      })
      // The demo's map comes with its samples: a newcomer shall see icons in seconds.
      const { params: demo } = demoOrder()
      for (const layer of demo.layers.map(name => findLayer(classifier, name)))
        await job.stage({
          name: `layout of ${layer.name}`,
          existing: () => existingLayout(project, drawn, layer, demo),
          compute: work => layOut(project, drawn, layer, demo, work),
        })
      return drawn
    },
    { report },
  )
  await mkdir(at('samples'), { recursive: true })
  const { bytes, contents } = await exportSamples(project, set, at(`samples/${NAME}.samples`), { signal, report })
  end()
  console.log(`${contents.samples} samples of ${contents.photographs} photographs, ${bytes} bytes`)
  console.table(
    contents.layers.map(({ name, channels, loss, attribution }) => ({
      name,
      channels,
      ...loss,
      kept: attribution?.share ?? null,
    })),
  )
} finally {
  project.close()
  await runtime.close()
}
