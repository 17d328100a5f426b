/** Rows in a page: 16,384 × 512 channels × 2 bytes are 17 MB, large enough to read fast and small enough for memory. */
export const pageRows = 16_384
