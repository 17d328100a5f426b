const BUSY = 0
const CLOSED = 1
const BYTES = 8

/**
 * Keeps a thread from being ended within native code: ONNX Runtime's binding then throws where nobody can catch, and
 * takes the whole process with it. The thread passes the gate for every native call; who wants to end it closes the
 * gate and waits until nobody is inside.
 */
export class Gate {
  readonly cells: Int32Array<SharedArrayBuffer>

  /** @param shared the other thread's `cells.buffer` */
  constructor(shared = new SharedArrayBuffer(BYTES)) {
    this.cells = new Int32Array(shared)
  }

  /** Runs native code, unless the gate is closed. One call at a time. */
  async pass<T>(native: () => Promise<T>): Promise<T> {
    // Entered first and asked then, so that the one who closes either sees us inside or is seen.
    Atomics.store(this.cells, BUSY, 1)
    try {
      if (Atomics.load(this.cells, CLOSED)) throw new Error('the runtime is closing')
      return await native()
    } finally {
      Atomics.store(this.cells, BUSY, 0)
      Atomics.notify(this.cells, BUSY)
    }
  }

  /** Lets nobody in any more, and waits for the one inside. */
  async close(): Promise<void> {
    Atomics.store(this.cells, CLOSED, 1)
    await Atomics.waitAsync(this.cells, BUSY, 1).value
  }

  /** The same, blocking this thread: for the end of the process, which waits for no promise. */
  closeNow(milliseconds: number): void {
    Atomics.store(this.cells, CLOSED, 1)
    Atomics.wait(this.cells, BUSY, 1, milliseconds)
  }
}
