/** The data of the fake engine: a model, its layers and classes, photographs. */
import type { Credit } from '../../electron/contract/credit.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { CLASS_NAMES } from './class-names.ts'
import { noise } from './synthetic.ts'

export const HASH = '5f1d8e2c9a4b7d60'.repeat(4)
export const SAMPLES = 100_000
export const CLASSES = 1000
export const LAYERS = [
  'mixed3a',
  'mixed3b',
  'mixed4a',
  'mixed4b',
  'mixed4c',
  'mixed4d',
  'mixed4e',
  'mixed5a',
  'mixed5b',
] as const
const CHANNELS = [256, 480, 512, 512, 512, 528, 832, 832, 1024] as const

export const CREDIT: Credit = {
  title: 'Two boats',
  author: 'A. Painter',
  source: 'https://example.org/two-boats',
  license: 'https://creativecommons.org/licenses/by/2.0/',
  changes: 'resized',
}

export const model: ModelInfo = {
  hash: HASH,
  name: 'GoogLeNet (BVLC)',
  file: 'bvlc_googlenet.onnx',
  available: true,
  note: null,
  layers: LAYERS.map((name, k) => ({
    name,
    tensor: `inception_${name.slice(5)}/output`,
    channels: CHANNELS[k]!,
    height: k < 2 ? 28 : k < 7 ? 14 : 7,
    width: k < 2 ? 28 : k < 7 ? 14 : 7,
    stride: k < 2 ? 8 : k < 7 ? 16 : 32,
    receptiveField: [75, 107, 171, 203, 235, 267, 299, 363, 427][k]!,
  })),
  operators: ['Conv', 'Relu', 'MaxPool', 'LRN', 'Concat', 'AveragePool', 'Gemm', 'Softmax'],
  classes: CLASSES,
  preprocessing: [
    { name: 'order', value: 'BGR' },
    { name: 'range', value: '0–255' },
    { name: 'mean', value: '104, 117, 123' },
    { name: 'resize', value: 'stretch' },
  ],
  license: 'unrestricted',
  source: 'Berkeley Vision and Learning Center',
}

export const classes = Array.from({ length: CLASSES }, (_, index) => ({
  index,
  synset: `n${String(1_440_764 + index * 137).padStart(8, '0')}`,
  name: CLASS_NAMES[index] ?? `class ${index}`,
  title: CLASS_NAMES[index] ?? `class ${index}`,
  synonyms: [],
  photographs: Math.floor(noise(index) * 14),
}))

export function photograph(id: number) {
  return {
    id,
    file: `photograph-${id}.jpg`,
    width: 500,
    height: 375,
    available: true,
    changed: false,
    class: null,
    credit: CREDIT,
  }
}
