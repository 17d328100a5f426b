import { totalmem } from 'node:os'

/**
 * The bounds of what a model may ask for. A model is a file from a stranger: a few bytes of it can ask for more memory
 * than a machine has, and the system then ends whatever is running.
 */

/** Bytes of a model file: protobuf itself, in which ONNX is written, ends there. Larger weights lie in files beside it. */
export const LARGEST_MODEL = 2 ** 31 - 1

/** The share of the machine's memory that one value of a graph may take, for a single photograph. */
const SHARE = 1 / 8

/** Bytes of one value of a graph. */
export const largestValue = (memory = totalmem()): number => SHARE * memory

/** Elements of a constant that is computed when a graph is read: a weight of the largest networks, 256 MB. */
export const LARGEST_CONSTANT = 2 ** 26
