/** What the shrinkage of a whitening needs to count photographs instead of samples. */
export const momentPhotographs = /* sql */ `
ALTER TABLE moments ADD COLUMN photographs INTEGER; -- that the samples are of; NULL: not computed yet
ALTER TABLE moments ADD COLUMN squares REAL; -- sum over photographs of the squared norm of their sum of a·aT; NULL: not computed yet
`
