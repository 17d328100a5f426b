/**
 * Changes no table: from this version on the sum of a part that an update has computed contains a mark (row-sum.ts).
 * All sums are computed again after each migration.
 */
export const markedSums = /* sql */ `
-- The sums of adopted parts are marked.
`
