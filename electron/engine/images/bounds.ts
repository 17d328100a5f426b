import { availableParallelism, totalmem } from 'node:os'

/**
 * What pictures may take, all in one place. They come from files and addresses of strangers; what one of them asks for
 * must not depend on what it says of itself. Where a bound grows with the machine, it says so.
 */

/** Larger files are not photographs, and would have to fit into memory twice while they are decoded. */
export const MOST_BYTES = 512 * 2 ** 20

/** Pages of a TIFF: libvips walks through all of them before it reads the first one. */
export const MOST_PAGES = 1000

/**
 * Pictures for the window that are in work at a time: one for each core, of which each may hold one decoded photograph,
 * and never so many that those take more than an eighth of the memory.
 */
export const PICTURES_AT_ONCE = Math.max(
  1,
  Math.min(4, availableParallelism(), Math.floor(totalmem() / 8 / (4 * 50_000_000))),
)

/**
 * Cells of a sheet that are decoded at a time: a pipeline costs memory from the moment it is set up, and a sheet has
 * 256 of them.
 */
export const CELLS_AT_ONCE = 16
