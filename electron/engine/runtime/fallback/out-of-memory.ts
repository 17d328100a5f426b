import { reason } from '../../../contract/errors.ts'

/** A graph does not fit into the memory of its device. A smaller batch may. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory'
}

/**
 * How libraries say that memory has run out: CUDA and cuDNN, ONNX Runtime's allocators, Direct3D, Dawn, TensorFlow,
 * C++ and V8. None of them has a code that comes through to us.
 */
const WORDS =
  /out[ _-]of[ _-](device )?memory|outofmemory|failed to allocate|alloc(ation)?[ _]fail|bad_alloc|resource[ _]?exhausted|\boom\b|cannot allocate memory|array buffer allocation failed/i

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof OutOfMemory ||
  WORDS.test(reason(error)) ||
  // Long messages are cut, the cause is not.
  (error instanceof Error && error.cause !== undefined && isOutOfMemory(error.cause))
