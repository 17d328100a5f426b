/** A number with its sign: "+1.25", "−0.40"; with a minus sign rather than a hyphen. */
export const signed = (value: number, digits = 2): string =>
  `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
