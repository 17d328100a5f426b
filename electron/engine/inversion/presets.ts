import type { Inversion, PresetName, Transforms } from '../../contract/inversion.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** ±20°, the smaller the likelier (notebook and recipe). */
const ANGLES = [...range(-20, 20), ...range(-10, 10), ...range(-5, 5), ...range(0, 5).map(() => 0)]

/** Mildly smaller, twice as likely as each of the stronger ones: {.998ⁿ, n = 20 … 39}. */
const SMALLER = range(20, 40).map(n => 0.998 ** n)

/** Of an 80 px icon the network sees 32 to 51 px: each crop shrinks the image (`notebook` of Activation Atlas, Distill 2019). */
const NOTEBOOK: Transforms = {
  pad: 2,
  padValue: 1,
  jitter: [4, 4, 8, 8, 8],
  scales: [...range(-5, 80).map(n => 0.995 ** n), ...SMALLER, ...SMALLER],
  angles: ANGLES,
  lastJitter: 2,
  fit: false,
}

const notebook: Inversion = {
  size: 80,
  steps: 512,
  tries: 1,
  batch: 32,
  learningRate: 0.05,
  transforms: NOTEBOOK,
  objective: { kind: 'published', power: 4, whiten: true },
  boundary: false,
  redirect: false,
}

/**
 * The three published sets of parameters, which disagree, and our own two. A project names the one that was run and
 * keeps every number of it.
 * - `notebook`: the article's public notebooks. - `recipe`: lucid's `recipes/activation_atlas`.
 * - `article`: the figures of the article; what it does not tell is as in the notebook.
 * - `preview`: seconds for a first look. - `faithful`: the whole frame and a bounded objective; the network answers
 *   these icons with activations closest to what was asked for.
 */
export const PRESETS: Readonly<Record<PresetName, Inversion>> = {
  notebook,
  recipe: {
    ...notebook,
    size: 96,
    steps: 128,
    transforms: { ...NOTEBOOK, pad: 16, padValue: 0.5, scales: SMALLER, fit: true },
    objective: { kind: 'published', power: 2, whiten: false },
    boundary: true,
  },
  article: { ...notebook, steps: 1024, tries: 4, batch: 100 },
  preview: {
    ...notebook,
    size: 48,
    steps: 48,
    transforms: { ...NOTEBOOK, jitter: [2, 4] },
    objective: { kind: 'cosine', power: 1, whiten: false },
  },
  faithful: {
    ...notebook,
    transforms: {
      pad: 4,
      padValue: 0.5,
      jitter: [4, 4],
      scales: range(0, 11).map(n => 0.95 + n / 100),
      angles: range(-5, 6),
      lastJitter: 0,
      fit: false,
    },
    objective: { kind: 'cosine', power: 4, whiten: true },
  },
}
