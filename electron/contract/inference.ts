/**
 * What statements about the cells of a map are based on, in the words that window, command line, figures and files share.
 */

/**
 * Minimum number of different photographs for an interval, and for the label of a cell: from here on, the nominal 95 % cover
 * the true mean in 93 to 97 % of simulated cells and changes. Copies of one photograph count once.
 */
export const MIN_PHOTOGRAPHS = 8

/** What is shown in place of an interval where there are too few photographs for one; null where there are enough. */
export const tooFewText = (photographs: number): string | null =>
  photographs < MIN_PHOTOGRAPHS ? `too few photographs: ${photographs}` : null

/** `95 % intervals over photographs (cluster-robust t, wider where skewed), simultaneous over 41 cells (Šidák)`. */
export const intervalsText = (tested: number): string =>
  `95 % intervals over photographs (cluster-robust t, wider where skewed), simultaneous over ${tested} ${tested === 1 ? 'cell' : 'cells'} (Šidák)`

/** Shown with a comparison's map. */
export const CROSS_FITTED = 'cells cut by the other half of the photographs (cross-fitted)'

/** Shown with a comparison of an earlier version. */
export const NOT_CROSS_FITTED =
  'Not cross-fitted: an earlier version cut these cells by the differences that it shows, so none is called significant. Build the comparison again.'

/** The title of a comparison's horizontal axis. @param crossFitted samples lie where the other half of the photographs predicts */
export const axisTitle = (crossFitted: boolean): string =>
  crossFitted ? 'predicted attribution difference, logits' : 'attribution difference, logits'
