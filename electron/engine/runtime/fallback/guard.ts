/** A runtime failed during a computation with state, which is lost: the computation must be restarted. */
export class RuntimeDisabled extends Error {
  override readonly name = 'RuntimeAside'
}

/** The interval of checks after the first ones: about once in each batch of icons. */
const EVERY = 512

/**
 * Whether run n of a program is compared with the reference: the first one, because most faults appear at once, then
 * fewer and fewer, because each check costs a run on the CPU.
 */
export const isChecked = (n: number): boolean => n === 1 || n === 8 || n === 64 || n % EVERY === 0

/**
 * Maximum relative difference (difference.ts) of a correct result. Rounding to ten bits, as NVIDIA's tensor cores do in
 * single precision, causes about 1e-3; wrong results differ by far more.
 */
export const TOLERANCE = 0.02
/**
 * The same for a step with Adam, which divides each gradient by its own size: gradients of pure
 * rounding error change sign, and the step is of the size of the spectrum.
 */
export const STATE_TOLERANCE = 0.2

export const wrongNumbers = (graph: string, error: number): string =>
  Number.isFinite(error)
    ? `returned wrong numbers for ${graph}: they differ by ${(100 * error).toFixed(1)} % from the CPU's`
    : `returned numbers for ${graph} that are not finite, where the CPU's are`
