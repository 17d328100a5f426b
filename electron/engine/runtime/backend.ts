import type { RuntimeFound, RuntimeName } from '../../contract/runtimes.ts'
import type { Runtime } from './runtime.ts'

/** The properties of a backend, as detected without running a network on it. */
export interface Found extends RuntimeFound {
  /** Whether it has a separate device. A backend that shares the processor is measured only on request. */
  readonly accelerated: boolean
}

export interface OpenOptions {
  /** Threads of one run, where it runs on the processor; as many as the machine has cores by default. */
  readonly threads?: number | undefined
  /** Which of several devices of the same kind; the first by default. The processor is one, however often it is opened. */
  readonly device?: number | undefined
}

/** A backend that runs graphs. Its library or its device may be missing. */
export interface Backend {
  readonly name: RuntimeName
  find(): Promise<Found>
  /** @throws Error when it can't be started, although it was detected */
  open(options?: OpenOptions): Promise<Runtime>
}
