/** A runtime failed in the middle of a computation that had state, which is lost with it: begin again. */
export class RuntimeDisabled extends Error {
  override readonly name = 'RuntimeAside'
}

/** After so many runs every such one is checked: about once in each batch of icons. */
const EVERY = 512

/**
 * Whether a program's n-th run is held against the reference: the first one, because most that is wrong is wrong at
 * once, then ever fewer, because each check costs a run on the processor.
 */
export const isChecked = (n: number): boolean => n === 1 || n === 8 || n === 64 || n % EVERY === 0

/**
 * Largest relative difference (difference.ts) of a right answer. Rounding to ten bits, as NVIDIA's tensor cores do in
 * single precision, makes some 1e-3; what is computed wrongly differs by parts.
 */
export const TOLERANCE = 0.02
/**
 * The same for a step with Adam, which divides each gradient by its own size: those that are nothing but rounding
 * change sign, and the step is of the size of the spectrum.
 */
export const STATE_TOLERANCE = 0.2

export const wrongNumbers = (graph: string, error: number): string =>
  Number.isFinite(error)
    ? `gave wrong numbers for ${graph}: ${(100 * error).toFixed(1)} % from the CPU's`
    : `gave numbers for ${graph} that are not finite, where the CPU's are`
