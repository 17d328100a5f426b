import type { Session, WebContents, WebFrameMain } from 'electron'
import { pageOrigin, pageUrl } from './protocol.ts'

/** The page may ask for nothing of the machine and reach nothing of the network. */
export const lockSession = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((request, answer) =>
    answer({ cancel: !/^(portolan|devtools|blob|data|chrome-extension):/.test(request.url) }),
  )
  // Nothing of ours uses the network: what gets past the other rules, such as WebRTC over TCP, meets a dead proxy.
  void session.setProxy({ mode: 'fixed_servers', proxyRules: 'socks5://127.0.0.1:1', proxyBypassRules: '<-loopback>' })
  session.on('will-download', event => event.preventDefault())
}

/** The page stays where it is, and opens no other. */
export const lockContents = (contents: WebContents): void => {
  // The page's content security policy does not cover WebRTC: its packets may only leave through a proxy, and there is none.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event, url) => {
    // A reload is a navigation to itself.
    if (url.split('#')[0] !== pageUrl) event.preventDefault()
  })
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
}

/** Calls are taken from our own page at the top of a window, from no frame within it. */
export const isOurPage = (frame: WebFrameMain | null): boolean =>
  frame !== null && frame.parent === null && frame.url.startsWith(`${pageOrigin}/`)
