import type { Runtime } from '../runtime/runtime.ts'
import { type KindsOfUnits, Performer } from './perform.ts'
import { type Order, partsOf, type Unit } from './unit.ts'
import type { Performed, RunOptions, Workers } from './workers.ts'

interface Device {
  readonly runtime: Runtime
  readonly performer: Performer
  busy: boolean
}

/** Several devices of this machine, each with the code of a worker: a unit is performed by the first that is free. */
export class DeviceWorkers implements Workers {
  readonly #devices: readonly Device[]
  readonly #waiting: { readonly priority: number; readonly start: (device: Device) => void }[] = []

  constructor(runtimes: readonly Runtime[], kinds: KindsOfUnits) {
    this.#devices = runtimes.map(runtime => ({ runtime, performer: new Performer(kinds), busy: false }))
  }

  /** One more than there are devices, so that the next batch is ready when one is free. */
  get room(): number {
    return this.#devices.length + 1
  }

  async run<T>(order: Order<T>, { priority, signal, sent }: RunOptions): Promise<Performed<T>> {
    signal.throwIfAborted()
    const unit: Unit = { ...order.unit, run: '' }
    const { own, shared } = partsOf(unit)
    const parts = [...own, ...shared]
    const contents = new Map(
      [...(await order.contents()), ...order.shared].map((bytes, i) => [
        parts[i]!.sha256,
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      ]),
    )
    sent?.()
    const device = await this.#free(priority)
    try {
      signal.throwIfAborted()
      const { runtime, performer } = device
      const result = await performer.perform(
        unit,
        { classifier: order.classifier, runtime },
        async ({ sha256 }) => contents.get(sha256)!,
        signal,
      )
      return { take: async () => order.accept(result) }
    } finally {
      this.#leave(device)
    }
  }

  async close(): Promise<void> {
    for (const { performer } of this.#devices) await performer.release()
  }

  #free(priority: number): Promise<Device> {
    const device = this.#devices.find(({ busy }) => !busy)
    if (device !== undefined) {
      device.busy = true
      return Promise.resolve(device)
    }
    return new Promise(resolve => {
      const after = this.#waiting.findIndex(other => other.priority > priority)
      const one = { priority, start: resolve }
      if (after < 0) this.#waiting.push(one)
      else this.#waiting.splice(after, 0, one)
    })
  }

  #leave(device: Device): void {
    const next = this.#waiting.shift()
    if (next) next.start(device)
    else device.busy = false
  }
}
