import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { sharedFolder } from '../fixtures/shared.ts'

const Run = z.object({
  ms_per_icon_step: z.number(),
  seconds: z.number(),
  fidelity: z.number(),
  robust_fidelity: z.number().optional(),
})
type Run = z.infer<typeof Run>

/** Our inversion and the peer's, run in turn on the same directions with the same number of threads. */
export interface InversionTiming {
  readonly layer: string
  readonly preset: string
  readonly steps: number
  readonly icons: number
  /** Milliseconds per icon and step, medians; and the median of the pairs' ratios, ours to the peer's. */
  readonly ours: number
  readonly peer: number
  readonly ratio: number
  /** Mean fidelities over the seeds 0, 1, 2 … of the pairs. */
  readonly fidelity: number
  readonly robustFidelity: number
  readonly peerFidelity: number
  /** Time of all icons, ours to the peer's: what counts when the numbers of steps differ. */
  readonly timeRatio: number
  /** A few steps of `draft`: their fidelity, and how many times as long all icons take the peer. */
  readonly quick: { readonly steps: number; readonly fidelity: number; readonly timesFaster: number }
}

/** Steps of `draft` that reach the fidelity of 256 steps of the peer at mixed3b, mixed4c and mixed5b. */
const QUICK_STEPS = 7

/** The interpreter that has torch and onnx, or undefined. */
export function peerPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(python => {
    try {
      execFileSync(python, ['-c', 'import torch, onnx, numpy'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

/** @param pairs how often both are run, each time with another seed */
export function timeInversion(
  python: string,
  options: {
    readonly layer: string
    readonly tensor: string
    readonly preset?: string
    readonly steps?: number
    readonly peerSteps?: number
    readonly icons?: number
    readonly pairs?: number
  },
): InversionTiming {
  const { layer, tensor, preset = 'notebook', steps = 256, peerSteps = 256, icons = 32, pairs = 3 } = options
  const model = sharedFolder('models/bvlc_googlenet.onnx')!
  const directions = sharedFolder(`reference/inversion/${layer}.directions.f32`)!
  const whitening = sharedFolder(`reference/inversion/${layer}.whitening.f32`)!
  const cli = fileURLToPath(new URL('../../electron/engine/cli/portolan.mjs', import.meta.url))
  const out = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
  const common = ['--directions', directions, '--whitening', whitening]
  const ours: Run[] = []
  const peers: Run[] = []
  const quick: Run[] = []
  try {
    for (let seed = 0; seed < pairs; seed++) {
      const seeded = ['--seed', String(seed), '--threads', '2']
      const inverted = (name: string, count: number): Run =>
        run(process.execPath, [
          ...[cli, 'invert', model, '--layer', layer, ...common, '--first', String(icons), '--batch', String(icons)],
          ...['--preset', name, '--steps', String(count), '--out', out, '--json', ...seeded],
        ])
      ours.push(inverted(preset, steps))
      quick.push(inverted('draft', QUICK_STEPS))
      peers.push(
        run(python, [
          ...[sharedFolder('peer/torch_inversion.py')!, '--model', model, '--layer', tensor, ...common],
          ...['--icons', String(icons), '--steps', String(peerSteps), ...seeded],
        ]),
      )
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
  const ratios = (value: (run: Run) => number): number[] => ours.map((run, i) => value(run) / value(peers[i]!))
  return {
    layer,
    preset,
    steps,
    icons,
    ours: median(ours.map(run => run.ms_per_icon_step)),
    peer: median(peers.map(run => run.ms_per_icon_step)),
    ratio: median(ratios(run => run.ms_per_icon_step)),
    fidelity: mean(ours.map(run => run.fidelity)),
    robustFidelity: mean(ours.map(run => run.robust_fidelity ?? Number.NaN)),
    peerFidelity: mean(peers.map(run => run.fidelity)),
    timeRatio: median(ratios(run => run.seconds)),
    quick: {
      steps: QUICK_STEPS,
      fidelity: mean(quick.map(run => run.fidelity)),
      timesFaster: median(quick.map((run, i) => peers[i]!.seconds / run.seconds)),
    },
  }
}

const run = (program: string, args: readonly string[]): Run =>
  Run.parse(JSON.parse(execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })))

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0)
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** The layers that the reference has directions for, by alias and by tensor of the shared network. */
export const REFERENCE_LAYERS = [
  { layer: 'mixed3b', tensor: 'inception_3b/output' },
  { layer: 'mixed4c', tensor: 'inception_4c/output' },
  { layer: 'mixed5b', tensor: 'inception_5b/output' },
] as const

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      layer: { type: 'string', default: 'mixed4c' },
      preset: { type: 'string', default: 'notebook' },
      steps: { type: 'string', default: '256' },
      pairs: { type: 'string', default: '3' },
    },
  })
  const found = REFERENCE_LAYERS.find(({ layer }) => layer === values.layer)
  const python = peerPython()
  if (!found || !python || !sharedFolder('peer')) throw new Error('needs ../shared and a python3 with torch and onnx')
  const { preset, steps, pairs } = values
  console.log(JSON.stringify(timeInversion(python, { ...found, preset, steps: Number(steps), pairs: Number(pairs) })))
}
