import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'
import { type Picture, type PictureData, parsePicture } from '../contract/pictures.ts'

export const scheme = 'portolan'
export const pageOrigin = `${scheme}://app`
export const pageUrl = `${pageOrigin}/index.html`

/** Nothing but our own files and pictures; no inline script, no evaluation, no frame, no network. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  `img-src 'self' ${scheme}: blob: data:`,
  `connect-src 'self' ${scheme}: blob:`,
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
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

/** Before the application is ready: makes the scheme one with origins of its own, like https. */
export const declareScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true } },
  ])

export const serve = (page: string, picture: (which: Picture) => Promise<PictureData | null>): void =>
  protocol.handle(scheme, async request => {
    if (request.method !== 'GET') return refused(405)
    if (request.url.startsWith(`${pageOrigin}/`)) return pageFile(page, request.url.slice(pageOrigin.length + 1))
    const which = parsePicture(request.url)
    if (which === undefined) return refused(404)
    try {
      const data = await picture(which)
      return data === null ? refused(404) : pictureResponse(which, data)
    } catch {
      // The window hears of a lost engine by its own event; the picture is asked for again then.
      return refused(503)
    }
  })

const refused = (status: number): Response =>
  new Response(null, { status, headers: { 'access-control-allow-origin': pageOrigin } })

const pictureResponse = (which: Picture, { type, bytes }: PictureData): Response =>
  new Response(Uint8Array.from(bytes), {
    headers: {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      // The address of a sheet carries its revision, a finished icon's its content key; a patch never changes. Files of
      // photographs come and go.
      'cache-control': which.kind === 'photo' || which.kind === 'crops' ? 'no-cache' : 'max-age=31536000, immutable',
      'access-control-allow-origin': pageOrigin,
    },
  })

/** Names that our build writes. Whatever is encoded, hidden or climbs does not look like one. */
const plainPath = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** A file of the page: only what lies, links followed, inside of its folder. */
const pageFile = async (folder: string, address: string): Promise<Response> => {
  const path = address.replace(/[?#].*$/s, '')
  if (!plainPath.test(path)) return refused(404)
  const type = types[extname(path)]
  if (type === undefined) return refused(404)
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, path))
    if (!file.startsWith(root + sep)) return refused(404)
    return new Response(await readFile(file), {
      headers: { 'content-type': type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' },
    })
  } catch {
    return refused(404)
  }
}
