import { UserError } from '../../contract/errors.ts'

/** Where a queue is. */
export interface QueueAddress {
  /** With the password. */
  readonly url: string
  /** Without it, for people. */
  readonly shown: string
  /** Whether what is sent can be read on the way: neither TLS nor this machine. */
  readonly open: boolean
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The address of a Redis or Valkey server: `redis://`, or `rediss://` with TLS, with user, password, port and database where
 * they are needed.
 * @throws UserError, without the password
 */
export function queueAddress(text: string): QueueAddress {
  const wrong = (what: string): UserError =>
    new UserError(
      `the address of a queue ${what}; it is that of a Redis or Valkey server, such as redis://localhost:6379 or rediss://user:password@host:6379`,
    )
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw wrong('is not a URL')
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw wrong(`cannot begin with ${url.protocol}//`)
  if (url.hostname === '') throw wrong('has no host')
  if (!/^(\/\d{0,5})?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw wrong('may have the number of a database after the port, and nothing else')
  const shown = `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
  return { url: text, shown, open: url.protocol === 'redis:' && !LOCAL.has(url.hostname) }
}
