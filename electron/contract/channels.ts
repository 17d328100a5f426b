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
