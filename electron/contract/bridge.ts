import type { CallName, Input, Output } from './calls.ts'
import type { EventName, EventOf } from './events.ts'
import type { ShellCallName, ShellInput, ShellOutput } from './shell.ts'

/**
 * All that the window has of the machine: `window.portolan`. The preload script is an object of this type, and so is
 * the fake that the renderer is developed against.
 * A refused or failed call rejects with an Error whose message is a sentence for the reader.
 */
export interface Bridge {
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>
  shell<N extends ShellCallName>(name: N, input: ShellInput<N>): Promise<ShellOutput<N>>
  /** @returns ends the subscription. `engine.state` is sent once at the start. */
  on<N extends EventName>(event: N, listener: (given: EventOf<N>) => void): () => void
  /** Where a file that was dropped or pasted lies; '' for one that lies nowhere. It may be given to the engine then. */
  pathOf(file: File): Promise<string>
}

declare global {
  interface Window {
    readonly portolan: Bridge
  }
}
