import type { Classifier } from './classifier.ts'

/** The part of a classifier that defines the probabilities of its logits. */
export type OutputActivation = Pick<Classifier, 'probabilities'>

/**
 * Probabilities of logits, without overflow: in a multi-label network each class has an independent one, and their sum
 * is not 1.
 */
export function probabilitiesOf({ probabilities }: OutputActivation, logits: Float32Array): Float32Array {
  return probabilities === 'sigmoid' ? logits.map(logit => 1 / (1 + Math.exp(-logit))) : softmax(logits)
}

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const powers = logits.map(logit => Math.exp(logit - largest))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
