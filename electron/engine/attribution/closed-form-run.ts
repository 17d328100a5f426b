import { GraphBuilder } from '../onnx/builder.ts'
import { float32, type TypedTensor } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Rows of one product: 8 MB of results for 1,000 classes. */
const ROWS = 2048

/** Attributions by a closed form, for many samples: as `byClosedForm`, but summed in float32 by the runtime. */
interface ClosedFormRun {
  /**
   * @param activations [n, channels]
   * @returns blocks of [rows, classes] in order, `start` the first row of each
   */
  pages(activations: Float32Array): AsyncGenerator<{ readonly start: number; readonly values: Float32Array }>
  release(): Promise<void>
}

/**
 * @param form [channels, classes]
 * @param key  identifies the form: model and layer
 */
export async function runClosedForm(
  runtime: Runtime,
  form: TypedTensor<'float32'>,
  key: string,
): Promise<ClosedFormRun> {
  const [channels, classes] = [form.dims[0]!, form.dims[1]!]
  const g = new GraphBuilder()
  const rows = g.input({ name: 'rows', type: 'float32', shape: ['n', channels] })
  const out = g.matmul(rows, g.initializer(form, 'form'))
  const graph = g.build('closed form', [{ name: out, type: 'float32', shape: ['n', classes] }])
  const program = await runtime.load(graph, { key: `closed form ${key}` })
  return {
    async *pages(activations) {
      for (let from = 0; from < activations.length; from += ROWS * channels) {
        const block = activations.subarray(from, from + ROWS * channels)
        const result = await program.run({ rows: float32([block.length / channels, channels], block) })
        yield { start: from / channels, values: result[out]!.data as Float32Array }
      }
    },
    release: () => program.release(),
  }
}
