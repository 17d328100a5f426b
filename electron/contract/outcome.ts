/** What an effect of a patch is measured by, in the words of window, command line and figures. */
export const OUTCOME = 'change of target log-odds'

/** 1 − p of a double below 1 is at least so large. */
const SMALLEST_REST = 2 ** -53

/**
 * Log-odds of a class, ln(p/(1 − p)). After a softmax that is the class's logit less the log-sum-exp of all other logits,
 * so it grows with evidence for the class against all others together, and hardly when evidence moves from one of the
 * others to another; after sigmoids it is the logit. Exact to .01 up to 30; beyond 36.7 it is cut off.
 * @param probability 0 to 1
 */
export const logOdds = (probability: number): number =>
  Math.log(Math.max(probability, Number.MIN_VALUE)) - Math.log(Math.max(1 - probability, SMALLEST_REST))
