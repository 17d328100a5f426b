import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'
import { type Picture, type PictureData, parsePicture } from '../contract/pictures.ts'

const SCHEME = 'portolan'
export const PAGE_ORIGIN = `${SCHEME}://app`
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`

/** The content security policy: own files and pictures; no inline scripts, eval, frames or network. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  `img-src 'self' ${SCHEME}: blob: data:`,
  `connect-src 'self' ${SCHEME}: blob:`,
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Registers the scheme as one with origins, like https; must be called before the application is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true },
    },
  ])
}

export function serve(page: string, picture: (which: Picture) => Promise<PictureData | null>): void {
  protocol.handle(SCHEME, async request => {
    if (request.method !== 'GET') return refused(405)
    if (request.url.startsWith(`${PAGE_ORIGIN}/`)) return pageFile(page, request.url.slice(PAGE_ORIGIN.length + 1))
    const which = parsePicture(request.url)
    if (which === undefined) return refused(404)
    try {
      const data = await picture(which)
      return data === null ? refused(404) : pictureResponse(which, data)
    } catch {
      // The window gets an event for a lost engine and requests the picture again.
      return refused(503)
    }
  })
}

const refused = (status: number): Response =>
  new Response(null, { status, headers: { 'access-control-allow-origin': PAGE_ORIGIN } })

const pictureResponse = (which: Picture, { type, bytes }: PictureData): Response =>
  new Response(Uint8Array.from(bytes), {
    headers: {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      // The address of a tile has its revision, that of an icon its content key; a patch never changes. Files of
      // photographs may change.
      'cache-control': which.kind === 'photo' || which.kind === 'crops' ? 'no-cache' : 'max-age=31536000, immutable',
      'access-control-allow-origin': PAGE_ORIGIN,
    },
  })

/** File names of the build; no encoded, hidden or parent paths. */
const PLAIN_PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** A file of the page; only files inside its folder after resolving links. */
async function pageFile(folder: string, address: string): Promise<Response> {
  const path = address.replace(/[?#].*$/s, '')
  if (!PLAIN_PATH.test(path)) return refused(404)
  const type = MIME_TYPES[extname(path)]
  if (type === undefined) return refused(404)
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, path))
    if (!file.startsWith(root + sep)) return refused(404)
    return new Response(await readFile(file), {
      headers: { 'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
    })
  } catch {
    return refused(404)
  }
}
