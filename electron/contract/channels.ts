/** Names of the channels between preload and main. */
export const channels = {
  call: 'portolan:call',
  shell: 'portolan:shell',
  chosen: 'portolan:chosen',
  subscribe: 'portolan:subscribe',
  event: 'portolan:event',
} as const

/** How a result is sent to the preload: a rejected invoke would wrap its message in words of Electron's own. */
export type Reply = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly message: string }

/** How the message of a call begins whose engine stopped before it returned; later calls wait for the next engine. */
export const ENGINE_LOST = 'the engine stopped before the call returned'
