import type { TransparentPicture } from '../images/decode.ts'
import { lanczosResize } from '../images/lanczos.ts'
import { Random } from '../random/random.ts'
import { fourier2 } from './fourier.ts'

/*
 * Controls that are matched to a patch: of its proportions and with its transparency, so that at any size, place, mask and
 * blend they cover the same pixels.
 */

/** No network's input needs more pixels of a control. */
const EDGE = 256

/** A patch at no more pixels than a control has. */
export function bounded(picture: TransparentPicture): TransparentPicture {
  const scale = EDGE / Math.max(picture.width, picture.height)
  if (scale >= 1) return picture
  const [width, height] = [
    Math.max(1, Math.round(picture.width * scale)),
    Math.max(1, Math.round(picture.height * scale)),
  ]
  return { rgba: lanczosResize(picture, width, height), width, height }
}

/** Mean and standard deviation of each channel over the pixels of a picture, by their opacity. */
export function pixelStatistics({ rgba }: Pick<TransparentPicture, 'rgba'>): {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
} {
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ]
  let weight = 0
  for (let at = 0; at < rgba.length; at += 4) {
    const opacity = rgba[at + 3]!
    weight += opacity
    for (let c = 0; c < 3; c++) {
      sums[c]! += rgba[at + c]! * opacity
      squares[c]! += rgba[at + c]! ** 2 * opacity
    }
  }
  const mean = sums.map(sum => (weight === 0 ? 0 : sum / weight))
  const deviation = squares.map((square, c) => Math.sqrt(Math.max(0, square / Math.max(1, weight) - mean[c]! ** 2)))
  return { mean, deviation }
}

/** The mean colour of a patch, with its transparency. */
export function meanControl(patch: TransparentPicture): TransparentPicture {
  const { rgba, width, height } = bounded(patch)
  const mean = pixelStatistics({ rgba }).mean.map(Math.round)
  return { rgba: rgba.map((value, at) => (at % 4 === 3 ? value : mean[at % 4]!)), width, height }
}

/** A region of another photograph, cut to the proportions of a patch and with its transparency. */
export function naturalControl(region: TransparentPicture, patch: TransparentPicture): TransparentPicture {
  const { rgba, width, height } = bounded(patch)
  const resized = lanczosResize(region, width, height)
  return { rgba: rgba.map((alpha, at) => (at % 4 === 3 ? alpha : resized[at]!)), width, height }
}

/** Rounds of clipping to 0…255 and restoring the deviation, after which it differs by less than a percent. */
const ROUNDS = 8

/**
 * Noise with the spectrum, the colours and the variance of a patch: random phases are added to its Fourier phases, the same
 * in all three channels, so that each channel keeps its amplitudes and the channels their correlations (Theiler et al.
 * 1992, surrogates). Transparent pixels count as the mean colour. Resized it keeps as much of its variance as the patch.
 * @param index which of several
 */
export function spectrumControl(patch: TransparentPicture, seed: number, index: number): TransparentPicture {
  const { rgba, width, height } = bounded(patch)
  const [columns, rows] = [powerOfTwo(width), powerOfTwo(height)]
  const wanted = pixelStatistics({ rgba })
  const filled = rgba.map((value, at) => {
    const opacity = rgba[at - (at % 4) + 3]! / 255
    return at % 4 === 3 ? 255 : Math.round(value * opacity + wanted.mean[at % 4]! * (1 - opacity))
  })
  const grid = lanczosResize({ rgba: filled, width, height }, columns, rows)
  const random = new Random('spectrum control', seed, index, patch.rgba)
  const noise = {
    re: Float64Array.from({ length: columns * rows }, () => random.gaussian()),
    im: new Float64Array(columns * rows),
  }
  fourier2(noise, columns, rows, false)
  const picture = new Uint8Array(4 * columns * rows).fill(255)
  for (let c = 0; c < 3; c++) {
    const mean = wanted.mean[c]!
    const channel = {
      re: Float64Array.from({ length: columns * rows }, (_, p) => grid[4 * p + c]! - mean),
      im: new Float64Array(columns * rows),
    }
    fourier2(channel, columns, rows, false)
    for (let p = 1; p < columns * rows; p++) {
      const length = Math.hypot(noise.re[p]!, noise.im[p]!)
      const [cos, sin] = length > 0 ? [noise.re[p]! / length, noise.im[p]! / length] : [1, 0]
      const [re, im] = [channel.re[p]!, channel.im[p]!]
      channel.re[p] = re * cos - im * sin
      channel.im[p] = re * sin + im * cos
    }
    fourier2(channel, columns, rows, true)
    for (let p = 0; p < columns * rows; p++)
      picture[4 * p + c] = Math.min(255, Math.max(0, Math.round(channel.re[p]! + mean)))
  }
  const result = lanczosResize({ rgba: picture, width: columns, height: rows }, width, height)
  const made = { rgba: result.map((value, at) => (at % 4 === 3 ? rgba[at]! : value)), width, height }
  restore(made.rgba, wanted)
  return made
}

/** Shifts and scales each channel to a mean and a deviation, in place. */
function restore(rgba: Uint8Array, wanted: ReturnType<typeof pixelStatistics>): void {
  for (let round = 0; round < ROUNDS; round++) {
    const { mean, deviation } = pixelStatistics({ rgba })
    for (let at = 0; at < rgba.length; at++) {
      const c = at % 4
      if (c === 3) continue
      const scale = deviation[c]! > 0 ? wanted.deviation[c]! / deviation[c]! : 1
      rgba[at] = Math.min(255, Math.max(0, Math.round((rgba[at]! - mean[c]!) * scale + wanted.mean[c]!)))
    }
  }
}

const powerOfTwo = (length: number): number => 2 ** Math.max(0, Math.round(Math.log2(length)))
