import type { Input, Output } from '../../electron/contract/calls.ts'
import type {
  Calibration,
  Measurement,
  RuntimeChoice,
  RuntimeFound,
  RuntimesState,
} from '../../electron/contract/runtimes.ts'

const found = (name: RuntimeFound['name'], title: string, rest: Partial<RuntimeFound>): RuntimeFound => ({
  name,
  title,
  library: null,
  device: null,
  missing: null,
  remedy: null,
  note: null,
  ...rest,
})

const RUNTIMES: readonly RuntimeFound[] = [
  found('cpu', 'CPU', { library: 'onnxruntime-node 1.30.0', device: 'AMD Ryzen 7 7840U' }),
  found('cuda', 'CUDA', {
    missing: 'the CUDA provider of ONNX Runtime is not installed',
    remedy: 'npm run cuda downloads it (CUDA 12 and cuDNN 9 must be there)',
  }),
  found('webgpu', 'WebGPU', { library: 'onnxruntime-node 1.30.0', device: 'Radeon 780M' }),
  found('dml', 'DirectML', { missing: 'DirectML is a part of Windows' }),
  found('coreml', 'CoreML', { missing: 'CoreML is a part of macOS' }),
  found('tensorflow', 'TensorFlow (wasm)', {
    library: '@tensorflow/tfjs-backend-wasm 4.22.0',
    device: 'AMD Ryzen 7 7840U',
    remedy:
      'npm install --no-save --ignore-scripts=false @tensorflow/tfjs-node-gpu@4.22.0 brings the one for NVIDIA devices',
    note: 'the native package brings libtensorflow 2.9.1, which requires CUDA 11.2 and cuDNN 8.1',
  }),
]

const measured = (name: Measurement['name'], rest: Partial<Measurement>): Measurement => ({
  name,
  library: 'onnxruntime-node 1.30.0',
  device: 'AMD Ryzen 7 7840U',
  forwardMs: null,
  stepMs: null,
  batch: null,
  memory: null,
  fallbacks: null,
  error: null,
  refused: null,
  ...rest,
})

const MEASUREMENTS: readonly Measurement[] = [
  measured('cpu', { forwardMs: 19.2, stepMs: 41.8, batch: 16, memory: 412e6, error: 0 }),
  measured('webgpu', {
    device: 'Radeon 780M',
    forwardMs: 4.1,
    stepMs: 6.3,
    batch: 32,
    memory: 655e6,
    fallbacks: { nodes: 3, of: 1214 },
    error: 3.1e-5,
  }),
  measured('tensorflow', {
    library: '@tensorflow/tfjs-backend-wasm 4.22.0',
    error: 0.31,
    refused: 'its numbers differ from the CPU’s by 31 %',
  }),
]

let choice: RuntimeChoice = 'auto'
let calibration: Calibration | null = null

const state = (): RuntimesState => ({
  runtimes: RUNTIMES,
  choice,
  inUse: choice === 'auto' ? (calibration?.winner ?? 'cpu') : choice,
  calibration,
  disabled: [],
})

/** A queue with three workers, one of which has failed once. */
const queue: Output<'queue.state'> = {
  address: 'rediss://cluster.example.org:6379',
  problem: null,
  waiting: 42,
  active: 3,
  workers: ['gpu-1', 'gpu-2', 'lab-3'].map((name, k) => ({
    id: `6f1c2a4e-0b7d-4c58-9e3a-0000000000${10 + k}`,
    name,
    version: '0.1.0',
    runtime: k < 2 ? 'cuda' : 'cpu',
    device: k < 2 ? 'NVIDIA H200' : 'AMD Ryzen 7 7840U',
    units: [512, 498, 21][k]!,
    icons: [4096, 3980, 160][k]!,
    samples: [16_384, 15_936, 672][k]!,
    failures: k === 2 ? 1 : 0,
    perMinute: [61, 59, 3][k]!,
    busy: true,
  })),
}

/** Fake runtimes: one that is fast, one with wrong numbers, some that are not there. */
export const runtimeHandlers = {
  'queue.state': () => queue,
  'runtimes.list': state,
  'runtimes.calibrate': ({ model }: Input<'runtimes.calibrate'>): Output<'runtimes.calibrate'> => {
    calibration = { model, at: 1_789_000_000_000, winner: 'webgpu', measurements: MEASUREMENTS }
    return state()
  },
  'runtimes.choose': (given: Input<'runtimes.choose'>): Output<'runtimes.choose'> => {
    choice = given.choice
    return state()
  },
}
