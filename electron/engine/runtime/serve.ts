import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { reason } from '../../contract/errors.ts'
import type { Tensor } from '../onnx/tensor.ts'
import type { Weight } from '../onnx/write.ts'
import { Gate } from './gate.ts'
import type { Fallbacks, Ready, Reply, Request, SessionRequest, WorkerSettings } from './protocol.ts'

/** A library in its worker: one call at a time. */
interface Library<Session> {
  readonly name: string
  readonly device?: string
  /**
   * @param model an ONNX file
   * @param stateOutputs outputs that are fed to the next run
   * @param weights external data of the model
   */
  readonly open: (model: Uint8Array, stateOutputs: readonly string[], weights: readonly Weight[]) => Promise<Session>
  readonly close: (session: Session) => Promise<void>
  /** Runs a session once, for one program; the caller owns its results. */
  readonly run: (session: Session, request: Run) => Promise<Record<string, Tensor>>
  /** Defined after the session has run. */
  readonly fallbacks?: (session: Session) => Fallbacks | undefined
  /** Drops a program's state. */
  readonly forget: (program: number) => void
}

export type Run = Pick<Extract<Request, { kind: 'run' }>, 'program' | 'feeds' | 'fetches' | 'state'>

/** Processes the requests of a ThreadedRuntime in order: the main loop of every inference worker. */
export async function serve<Session>(load: () => Promise<Library<Session>>): Promise<void> {
  const port = parentPort as MessagePort
  const gate = new Gate((workerData as WorkerSettings).gate)
  const send = (ready: Ready): void => port.postMessage(ready)
  let library: Library<Session>
  try {
    library = await gate.pass(load)
  } catch (error) {
    return send({ library: '', error: reason(error) })
  }
  const respond = handlerOf(library)
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: Request) => {
    last = last.then(async () => {
      const reply = await gate
        .pass(() => respond(request))
        .catch((error: unknown): Reply => ({ id: request.id, error: reason(error) }))
      port.postMessage(reply, 'tensors' in reply ? buffers(Object.values(reply.tensors)) : [])
    })
  })
  const { name, device } = library
  send({ library: name, ...(device !== undefined && { device }) })
}

const handlerOf = <Session>(library: Library<Session>): ((request: Request) => Promise<Reply>) => {
  const sessions = new Map<number, Session>()
  const close = async (ids: readonly number[]): Promise<void> => {
    for (const id of ids) {
      const session = sessions.get(id)
      sessions.delete(id)
      if (session !== undefined) await library.close(session)
    }
  }
  const sessionOf = async ({
    session,
    model,
    weights = [],
    stateOutputs,
    close: others,
  }: SessionRequest): Promise<Session> => {
    await close(others)
    const open = sessions.get(session)
    if (open !== undefined) return open
    if (!model) throw new Error('the session is not open')
    const opened = await library.open(model, stateOutputs, weights)
    sessions.set(session, opened)
    return opened
  }
  return async request => {
    try {
      if (request.kind === 'run') {
        const session = await sessionOf(request.session)
        const tensors = await library.run(session, request)
        return { id: request.id, tensors, fallbacks: library.fallbacks?.(session) }
      }
      if (request.kind === 'prepare') await sessionOf(request.session)
      else {
        library.forget(request.program)
        await close(request.close)
      }
      return { id: request.id, tensors: {} }
    } catch (error) {
      return { id: request.id, error: reason(error) }
    }
  }
}

/** The distinct array buffers of some tensors. */
const buffers = (tensors: readonly Tensor[]): ArrayBuffer[] => [
  ...new Set(tensors.map(tensor => tensor.data.buffer).filter(buffer => buffer instanceof ArrayBuffer)),
]
