import type { Session, WebContents, WebFrameMain } from 'electron'
import { PAGE_ORIGIN, PAGE_URL } from './protocol.ts'

/** Denies the page all permissions and network access. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((request, callback) =>
    callback({ cancel: !/^(portolan|devtools|blob|data|chrome-extension):/.test(request.url) }),
  )
  // Nothing of ours uses the network: what gets past the other rules, such as WebRTC over TCP, meets a dead proxy.
  void session.setProxy({ mode: 'fixed_servers', proxyRules: 'socks5://127.0.0.1:1', proxyBypassRules: '<-loopback>' })
  session.on('will-download', event => event.preventDefault())
}

/** Denies navigation and new windows. */
export function lockContents(contents: WebContents): void {
  // The page's content security policy does not cover WebRTC: its packets may only leave through a proxy, and there is none.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event, url) => {
    // A reload is a navigation to itself.
    if (url.split('#')[0] !== PAGE_URL) event.preventDefault()
  })
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
}

/** Calls are accepted from our own page in the top frame of a window only. */
export function isOurPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${PAGE_ORIGIN}/`)
}
