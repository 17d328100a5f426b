import { reason } from '../../../contract/errors.ts'

/** A graph does not fit into the memory of its device. A smaller batch may. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory'
}

/**
 * The out-of-memory messages of libraries: CUDA and cuDNN, ONNX Runtime's allocators, Direct3D, Dawn, TensorFlow, C++
 * and V8. None of them passes an error code.
 */
const WORDS =
  /out[ _-]of[ _-](device )?memory|outofmemory|failed to allocate|alloc(ation)?[ _]fail|bad_alloc|resource[ _]?exhausted|\boom\b|cannot allocate memory|array buffer allocation failed/i

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof OutOfMemory ||
  WORDS.test(reason(error)) ||
  // Long messages are truncated, the cause is not.
  (error instanceof Error && error.cause !== undefined && isOutOfMemory(error.cause))
