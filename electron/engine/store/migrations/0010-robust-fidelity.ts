/**
 * Earlier versions measured robust fidelity through transforms that also moved the unit that is read away from the
 * middle of the icon: their values are lower and cannot be compared with those of today, so they are dropped. The icons
 * stay.
 */
export const robustFidelity = /* sql */ `
UPDATE icons SET robust_fidelity = NULL;
`
