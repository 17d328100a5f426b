import { describe, expect, it } from 'vitest'
import { logLikelihoods } from '../../electron/engine/evaluation/likelihood.ts'
import { normals, random } from '../fixtures/random.ts'

const CLASSES = 7
const uniform = random(3)
const classes = Array.from({ length: 60 }, () => Math.floor(uniform() * CLASSES))
const logits = classes.map((own, i) => {
  const row = normals(i, CLASSES)
  row[own]! += 1.5
  return row
})
const mean = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / values.length

describe('log-likelihoods at the temperature that fits best', () => {
  it('are the largest mean of all temperatures', () => {
    const at = (beta: number): number =>
      logits.reduce((sum, row, i) => {
        const total = row.reduce((powers, z) => powers + Math.exp(beta * z), 0)
        return sum + beta * row[classes[i]!]! - Math.log(total)
      }, 0) / logits.length
    const best = Math.max(...Array.from({ length: 4000 }, (_, i) => at(i / 1000)))
    expect(mean(logLikelihoods(logits, classes))).toBeCloseTo(best, 6)
  })

  it('do not depend on the scale of the logits', () => {
    const scaled = logits.map(row => row.map(z => 50 * z + 3))
    const [own, other] = [logLikelihoods(logits, classes), logLikelihoods(scaled, classes)]
    for (const [i, each] of own.entries()) expect(other[i]).toBeCloseTo(each, 3)
  })

  it('are those of equal probabilities where the logits say the opposite, or nothing', () => {
    const opposite = logits.map(row => row.map(z => -z))
    for (const rows of [opposite, logits.map(row => row.map(() => 0))])
      for (const each of logLikelihoods(rows, classes)) expect(each).toBeCloseTo(-Math.log(CLASSES), 12)
  })

  it('are 0 where every class is distinguished from the others', () => {
    const certain = classes.map(own => Float32Array.from({ length: CLASSES }, (_, k) => (k === own ? 1 : 0)))
    for (const each of logLikelihoods(certain, classes)) expect(each).toBeCloseTo(0, 9)
  })
})
