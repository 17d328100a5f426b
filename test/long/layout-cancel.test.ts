import { expect, test } from 'vitest'
import { newLayout } from '../../electron/contract/layout.ts'
import { layout } from '../../electron/engine/layout/run.ts'
import { blobs } from '../unit/layout-data.ts'

const SAMPLES = Number(process.env['SAMPLES'] ?? 100_000)
/** The long ones, in each of which the layout is cancelled. */
const STAGES = ['neighbours', 'distances', 'umap']

test(`a layout of ${SAMPLES} samples ends within a second when cancelled in any of its stages`, async () => {
  const { rows, ...extent } = blobs(SAMPLES, 64, 200)
  // In shared memory, so that starting a thread copies nothing.
  const samples = { ...extent, rows: new Float32Array(new SharedArrayBuffer(rows.byteLength)) }
  samples.rows.set(rows)
  for (const stage of STAGES) {
    const cancel = new AbortController()
    let cancelled = 0
    const running = layout(samples, newLayout({ epochs: 20 }), 1, cancel.signal, progress => {
      if (progress.stage !== stage || cancelled > 0) return
      cancelled = performance.now()
      cancel.abort(new Error('enough'))
    })
    await expect(running).rejects.toThrow('enough')
    const milliseconds = performance.now() - cancelled
    process.stdout.write(`${stage}: ended ${milliseconds.toFixed(0)} ms after it was cancelled\n`)
    expect(milliseconds).toBeLessThan(1_000)
  }
}, 1_200_000)
