/** The mean activation of a layer, for objectives that subtract a share of it. */
export const meanActivations = /* sql */ `
ALTER TABLE moments ADD COLUMN sums BLOB; -- float64 [channels]: the sum of a over the samples; NULL: not computed yet
`
