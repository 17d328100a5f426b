/** What the network answers to each icon, for its fidelity against the directions of other cells. */
export const iconActivations = /* sql */ `
ALTER TABLE icons ADD COLUMN activation BLOB; -- float32 [channels]: at the centre unit; NULL: not computed
`
