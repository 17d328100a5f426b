/**
 * How much a fuzzer of `test/long` tries. `FUZZ_CASES` changes the number of cases, `FUZZ_SEED` the seed, and `FUZZ_CASE`
 * tries one case alone, as a failure names it.
 */
const { FUZZ_SEED, FUZZ_CASES, FUZZ_CASE } = process.env

/** Cases of each fuzzer. */
export const CASES = Number(FUZZ_CASES ?? 1000)
export const ONLY = FUZZ_CASE === undefined ? undefined : Number(FUZZ_CASE)
/** @param fixed the seed of a fuzzer, so that all runs try the same */
export const seedOf = (fixed: number): number => Number(FUZZ_SEED ?? fixed)
