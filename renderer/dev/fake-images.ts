/** Photographs of the fake engine, and what its network predicts for them. */

import { iconKey } from './fake-atlases.ts'
import type { FakeHandlers } from './fake-bridge.ts'
import { CLASSES, classes, model, photograph } from './fake-project.ts'
import { noise } from './synthetic.ts'

export const imageHandlers: FakeHandlers = {
  'classes.list': () => classes,
  'classes.photographs': ({ index, offset, limit }) => {
    const total = classes[index]!.photographs
    return {
      total,
      photographs: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, k) => ({
        ...photograph(1 + Math.floor(noise(index * 31 + offset + k) * 990)),
        predictions: [{ index: noise(index + k) < 0.6 ? index : (index + k) % CLASSES, value: 0.4 + 0.5 * noise(k) }],
      })),
    }
  },
  'photograph.add': ({ files }) => ({ added: files.map((_, k) => photograph(k + 1)), refused: [] }),
  'photograph.addBytes': () => photograph(7),
  'photograph.get': ({ image }) => photograph(image),
  'photograph.list': () => ({ total: 1000, photographs: Array.from({ length: 60 }, (_, k) => photograph(k + 1)) }),
  'photograph.predict': ({ image, limit }) => ({
    probabilities: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(image * 9 + k) * CLASSES),
      value: 0.6 * 0.5 ** k,
    })),
    logits: [],
  }),
  'photograph.grid': ({ layer }) => {
    const info = model.layers.find(l => l.name === layer)!
    return {
      height: info.height,
      width: info.width,
      icons: Array.from({ length: info.height * info.width }, (_, k) =>
        iconKey(20, Math.floor((k / info.width / info.height) * 19), Math.floor(((k % info.width) / info.width) * 19)),
      ),
      job: null,
    }
  },
  'photograph.attribution': () => ({
    height: 14,
    width: 14,
    values: Float32Array.from({ length: 196 }, (_, k) => (noise(k) - 0.4) ** 3 * 8),
  }),
  'photograph.position': ({ row, column, classes: limit }) => ({
    for: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(row * 99 + column + k) * CLASSES),
      value: 3 * 0.8 ** k,
    })),
    against: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(row * 199 + column + k) * CLASSES),
      value: -2 * 0.8 ** k,
    })),
    place: { x: 0.4, y: 0.5, distance: 0.2, unlikeAnything: false },
  }),
}
