const BUSY = 0
const CLOSED = 1
const BYTES = 8

/**
 * Prevents the termination of a thread within native code: ONNX Runtime's binding then throws an error that cannot be
 * caught and ends the process. The thread passes the gate for every native call; to terminate it, close the gate first,
 * which waits until the thread is outside.
 */
export class Gate {
  readonly cells: Int32Array<SharedArrayBuffer>

  /** @param shared the other thread's `cells.buffer` */
  constructor(shared = new SharedArrayBuffer(BYTES)) {
    this.cells = new Int32Array(shared)
  }

  /** Runs native code, unless the gate is closed. One call at a time. */
  async pass<T>(native: () => Promise<T>): Promise<T> {
    // Entered before the check, so that either `close` sees this thread inside or this thread sees the closed gate.
    Atomics.store(this.cells, BUSY, 1)
    try {
      if (Atomics.load(this.cells, CLOSED)) throw new Error('the runtime is closing')
      return await native()
    } finally {
      Atomics.store(this.cells, BUSY, 0)
      Atomics.notify(this.cells, BUSY)
    }
  }

  /** Blocks further calls, and waits for the call in progress. */
  async close(): Promise<void> {
    Atomics.store(this.cells, CLOSED, 1)
    await Atomics.waitAsync(this.cells, BUSY, 1).value
  }

  /** The same, blocking this thread: at the end of the process promises no longer run. */
  closeNow(milliseconds: number): void {
    Atomics.store(this.cells, CLOSED, 1)
    Atomics.wait(this.cells, BUSY, 1, milliseconds)
  }
}
