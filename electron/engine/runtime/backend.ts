import type { RuntimeFound, RuntimeName } from '../../contract/runtimes.ts'
import type { Runtime } from './runtime.ts'

/** What was found out about a backend without running a network on it. */
export interface Found extends RuntimeFound {
  /** Whether it has a device of its own. One that shares the processor is measured only when somebody asks. */
  readonly accelerated: boolean
}

export interface OpenOptions {
  /** Threads of one run, where it runs on the processor; as many as the machine has cores by default. */
  readonly threads?: number | undefined
}

/** One way to run graphs. Its library or its device may be missing. */
export interface Backend {
  readonly name: RuntimeName
  find(): Promise<Found>
  /** @throws Error when it can't be started, although it was found */
  open(options?: OpenOptions): Promise<Runtime>
}
