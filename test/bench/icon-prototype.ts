import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { z } from 'zod'
import { sharedFolder } from '../fixtures/shared.ts'
import type { Made } from './icon-measures.ts'

const Printed = z.object({ icons: z.int(), px: z.int(), seconds_per_icon: z.number() })

/** The prototype's clock is replaced by the time of its process, which the machine's other work does not disturb. */
const BY_PROCESS_TIME =
  'import sys, time, runpy; time.time = time.process_time; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name="__main__")'

/** Layers of GoogLeNet that the prototype has settings for: its name for the views, and the tensor. */
const KNOWN: Readonly<Record<string, string>> = { mixed3b: '3b', mixed4c: '4c', mixed5b: '5b' }

/** Icons of the PyTorch prototype for directions of GoogLeNet; it computes the layer's mean itself. */
export async function prototypeIcons(
  python: string,
  layer: string,
  recipe: 'draft' | 'atlas' | 'calm',
  directions: Float32Array,
): Promise<Made | undefined> {
  const views = KNOWN[layer]
  const program = sharedFolder('peer/atlas_icons.py')
  if (views === undefined || program === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'portolan-prototype-'))
  try {
    const [file, out] = [join(folder, 'directions.f32'), join(folder, 'icons.png')]
    writeFileSync(file, new Uint8Array(directions.buffer, directions.byteOffset, directions.byteLength))
    const text = execFileSync(
      python,
      [
        ...['-c', BY_PROCESS_TIME, program, '--model', sharedFolder('models/bvlc_googlenet.onnx')!],
        ...['--layer', `inception_${views}/output`, '--images', sharedFolder('images/cc-by-1000')!],
        ...['--directions', file, '--recipe', recipe, '--views', views, '--out', out],
      ],
      // Threads that wait by spinning would count as work.
      { encoding: 'utf8', env: { ...process.env, OMP_WAIT_POLICY: 'passive' }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const { icons: count, px, seconds_per_icon: cpuSeconds } = Printed.parse(JSON.parse(text))
    const { data, info } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const columns = info.width / px
    const tile = (at: number): Uint8Array => {
      const rgb = new Uint8Array(3 * px * px)
      for (let row = 0; row < px; row++) {
        const from = 3 * ((Math.floor(at / columns) * px + row) * info.width + (at % columns) * px)
        rgb.set(data.subarray(from, from + 3 * px), 3 * row * px)
      }
      return rgb
    }
    const icons = Array.from({ length: count }, (_, at) => ({ rgb: tile(at), size: px }))
    return { name: `prototype ${recipe}`, icons, cpuSeconds, seconds: Number.NaN }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
