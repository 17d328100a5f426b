import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { photograph } from '../fixtures/images.ts'
import { inception } from '../fixtures/networks.ts'

/** Edge of the network's image and of the photograph: the same, so that nothing is resized between file and network. */
export const EDGE = 24

/** What the fuzzers of models, sidecars and photographs damage: a network, its description and one photograph. */
export interface Victim {
  readonly folder: string
  /** The bytes of the model, whose logits are `logits`. */
  readonly model: Uint8Array
  readonly sidecar: Readonly<Record<string, unknown>>
  /** A PNG of EDGE × EDGE, and its pixels: [EDGE, EDGE, 3]. */
  readonly photo: string
  readonly pixels: Uint8Array
}

export async function writeVictim(folder: string): Promise<Victim> {
  mkdirSync(folder, { recursive: true })
  const { graph, layers, logits } = inception()
  const photo = join(folder, 'photo.png')
  await photograph(EDGE, EDGE, 5).removeAlpha().png().toFile(photo)
  const pixels = await sharp(readFileSync(photo)).raw().toBuffer()
  const sidecar = {
    name: 'Net',
    input: { size: EDGE, channels: 'BGR', range: [0, 1], mean: [0.5, 0.4, 0.45], std: [0.3, 0.25, 0.28] },
    logits,
    labels: Array.from({ length: 10 }, (_, i) => `thing ${i}`),
    layers: Object.fromEntries(layers.map(layer => [layer, layer])),
  }
  return { folder, model: writeGraph(graph), sidecar, photo, pixels }
}

/** Writes a model with its sidecar under a name of its own. @returns the path of the model */
export function writeModel(folder: string, name: string, model: Uint8Array, sidecar: unknown): string {
  const file = join(folder, `${name}.onnx`)
  writeFileSync(file, model)
  const content = typeof sidecar === 'string' || sidecar instanceof Uint8Array ? sidecar : JSON.stringify(sidecar)
  writeFileSync(join(folder, `${name}.model.json`), content)
  return file
}
