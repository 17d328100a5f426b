/**
 * Makes what comes with Portolan out of the network and the photographs in ../shared: resources/models/*.onnx,
 * resources/photographs and resources/samples. About ten minutes on two cores; interrupted, it goes on where it was.
 * Everything has seed 0: made again, it is the same.
 *
 *   npm run resources
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { existingLayout, layOut } from '../engine/atlas/layout.ts'
import { drawSamples, existingSamples, type SampleOrder } from '../engine/atlas/samples.ts'
import { progressDisplay } from '../engine/cli/progress.ts'
import { demoOrder, LAYERS_WITH_LAYOUT } from '../engine/demo/build.ts'
import { runJob } from '../engine/jobs/run.ts'
import { readModel } from '../engine/model/file.ts'
import { findLayer } from '../engine/model/layers.ts'
import { loadClassifier } from '../engine/model/load.ts'
import { writeGraph } from '../engine/onnx/write.ts'
import { enterPhotographs } from '../engine/photographs/enter.ts'
import { enterModel } from '../engine/registry/enter.ts'
import { createCpuRuntime } from '../engine/runtime/onnxruntime/cpu.ts'
import { exportSamples } from '../engine/samples-file/export.ts'
import { openOrCreateProject } from '../engine/store/open.ts'
import { makePhotographs } from './make-photographs.ts'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const NAME = 'inceptionv1-portolan'
const { report, end } = progressDisplay(process.stderr, () => performance.now())
const signal = new AbortController().signal

// The network, its weights in half the bytes. The texts beside it are written by hand.
const { graph } = await readModel(at(`../shared/models/${NAME}.onnx`))
await writeFile(at(`resources/models/${NAME}.onnx`), writeGraph(graph, { weights: 'float16' }))

const { photographs: made, bytes: weight } = await makePhotographs(
  at('../shared/images/cc-by-1000'),
  at('resources/photographs'),
)
console.log(`${made} photographs, ${weight} bytes`)

const classifier = await loadClassifier(at(`resources/models/${NAME}.onnx`))
const runtime = await createCpuRuntime()
await mkdir(at('.portolan-cache'), { recursive: true })
const project = openOrCreateProject(at('.portolan-cache/make.portolan'), { command: 'npm run resources' })
try {
  enterModel(project, classifier)
  const { result: set } = await runJob(
    project,
    'make samples',
    {},
    async job => {
      const photographs = await enterPhotographs(project, [at('resources/photographs')], job)
      const { params: demo } = demoOrder()
      const { seed, positionsPerImage, attribution } = demo
      const params = { seed, positionsPerImage, attribution }
      const order: SampleOrder = { classifier, runtime, photographs, layers: classifier.layers, params }
      const { set: drawn } = await job.stage({
        name: 'samples',
        existing: () => existingSamples(project, order),
        compute: work => drawSamples(project, order, work),
      })
      // The demo's layouts come with its samples, so that a first start shows icons within seconds.
      for (const layer of LAYERS_WITH_LAYOUT.map(name => findLayer(classifier, name)))
        await job.stage({
          name: `layout of ${layer.name}`,
          existing: () => existingLayout(project, drawn, layer, demo),
          compute: work => layOut(project, drawn, layer, demo, work),
        })
      return drawn
    },
    { report },
  )
  await mkdir(at('resources/samples'), { recursive: true })
  const { bytes, contents } = await exportSamples(
    project,
    set,
    at(`resources/samples/${NAME}.samples`),
    { signal, report },
    { names: true },
  )
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
