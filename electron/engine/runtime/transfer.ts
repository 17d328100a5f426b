import type { Request } from './protocol.ts'

/** Small files lie in a pool that others use too. */
const ALONE_FROM = 2 ** 16

/** The memory of a request's file, which is not needed again: it moves to the worker instead of being copied. */
export function fileOf(request: Request): readonly ArrayBuffer[] {
  const model = 'session' in request ? request.session.model : undefined
  const alone = model && model.byteLength >= ALONE_FROM && model.byteLength === model.buffer.byteLength
  return alone && model.buffer instanceof ArrayBuffer ? [model.buffer] : []
}
