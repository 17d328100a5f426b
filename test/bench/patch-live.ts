import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PatchLook } from '../../electron/contract/placement.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { sharedFolder } from '../fixtures/shared.ts'

/** Milliseconds from a movement's request to its result: the window adds 12 before the request, and a frame after. */
interface Latency {
  readonly median: number
  readonly p90: number
  readonly worst: number
}

const ROUNDS = 40
/** Between two movements at rest. */
const PAUSE = 120
/** A drag: so many requests, a frame apart, of which the last one counts. */
const [BURST, FRAME] = [10, 16]

const summary = (taken: readonly number[]): Latency => {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { median: at(0.5), p90: at(0.9), worst: sorted.at(-1)! }
}

/** Latency of compositions in the patch editor, at rest and while an experiment runs in the same engine. */
export async function timeLiveCompositions(
  model: string,
  photographs: string,
  patch: string,
): Promise<{ readonly alone: Latency; readonly duringJob: Latency; readonly afterDrag: Latency }> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
  const engine = await EngineClient.start(folder)
  try {
    await engine.call('project.create', { file: join(folder, 'live.portolan') })
    const { hash } = await engine.call('models.add', { file: model })
    const data = await engine.call('folder.add', { folder: photographs })
    await engine.event('job.changed', ({ id, state }) => id === data.job && state === 'done')
    const { id } = await engine.call('patch.add', { kind: 'file', file: patch })
    const look = PatchLook.parse({})
    let composed = 0
    const compose = async (): Promise<number> => {
      const start = performance.now()
      const patches = [{ ...look, patch: id, x: 0.2 + ((composed++ * 0.013) % 0.6), y: 0.6, size: 0.35 }]
      await engine.call('patch.compose', { model: hash, composition: { image: 1, patches }, top: 100, pinned: [1, 2] })
      return performance.now() - start
    }
    const atRest = async (): Promise<Latency> => {
      const taken: number[] = []
      for (let k = 0; k < ROUNDS; k++) {
        taken.push(await compose())
        await wait(PAUSE)
      }
      return summary(taken)
    }
    await compose()
    const alone = await atRest()
    const { job } = await engine.call('experiment.start', {
      name: 'while the editor is used',
      models: [hash],
      source: 1,
      target: 2,
      population: 'top5',
      folders: null,
      patches: [id],
      look,
      sizes: [0.2, 0.4, 0.7],
      positions: { kind: 'grid', n: 16 },
      controls: { noise: 10, mean: true, shuffled: 6 },
      seed: 0,
      resamplings: 100,
    })
    await engine.event('job.changed', each => each.id === job && each.state === 'running')
    await wait(2_000)
    const duringJob = await atRest()
    const drags: number[] = []
    for (let drag = 0; drag < 10; drag++) {
      const pending: Promise<number>[] = []
      for (let k = 0; k < BURST; k++) {
        pending.push(compose())
        await wait(FRAME)
      }
      drags.push(await pending.at(-1)!)
      await Promise.all(pending)
    }
    await engine.call('jobs.cancel', { job })
    return { alone, duringJob, afterDrag: summary(drags) }
  } finally {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const model = sharedFolder('models/bvlc_googlenet.onnx')
  const photographs = sharedFolder('images/imagenet-1000')
  const patch = sharedFolder('paper/images/baseball.png')
  if (!model || !photographs || !patch) throw new Error('../shared is absent')
  const found = await timeLiveCompositions(model, photographs, patch)
  for (const [when, { median, p90, worst }] of Object.entries(found))
    console.log(`${when}: ${median.toFixed(0)} ms, 90 %: ${p90.toFixed(0)} ms, worst: ${worst.toFixed(0)} ms`)
  console.log(`load of the machine: ${loadavg()[0]!.toFixed(1)}`)
}
