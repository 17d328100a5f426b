import { Redis } from 'ioredis'
import { reason, UserError } from '../../contract/errors.ts'
import { version } from '../files/version.ts'
import type { QueueAddress } from './address.ts'

/** Milliseconds to reach a server at first. */
const FIRST = 10_000
/** Longest wait between two attempts to reach a server that was there. */
const RETRY = 2_000

/** Prefix of every key of ours. */
export const PREFIX = 'portolan'
/** Workers perform units of their own version only: another one may compute other numbers. */
export const queueName = (): string => `units ${version()}`

/**
 * A connection that is made again whenever it is lost; commands wait for it.
 * @throws UserError when the server cannot be reached, or refuses the user
 */
export async function connected({ url, shown }: QueueAddress): Promise<Redis> {
  const first = new Redis(url, { lazyConnect: true, connectTimeout: FIRST, retryStrategy: () => null })
  // The promise is rejected with the same error.
  let refusal: unknown
  first.on('error', error => {
    refusal ??= error
  })
  try {
    await first.connect()
    await first.ping()
  } catch (error) {
    throw new UserError(
      `cannot use the queue at ${shown}: ${plain(refusal ?? error)}; check that the server runs there, and user, password and TLS (rediss://) of the address`,
      { cause: error },
    )
  } finally {
    first.disconnect()
  }
  const client = new Redis(url, {
    // For BullMQ: a command that waits for work waits for the connection too.
    maxRetriesPerRequest: null,
    retryStrategy: attempt => Math.min(100 * attempt, RETRY),
  })
  // Reported where it matters: a connection that is lost comes back.
  client.on('error', () => {})
  return client
}

/** Why a server cannot be used, in a few words. */
export function plain(error: unknown): string {
  const text = reason(error)
  if (/ECONNREFUSED/.test(text)) return 'nothing answers there'
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return 'there is no such host'
  if (/WRONGPASS|NOAUTH|invalid username|AUTH/i.test(text)) return 'it refuses user or password'
  if (/ETIMEDOUT/.test(text)) return 'it does not answer'
  if (/self-signed|unable to (verify|get)/.test(text))
    return 'its certificate is signed by nobody whom this machine trusts (NODE_EXTRA_CA_CERTS names a file with an authority of your own)'
  if (/altnames/.test(text)) return 'its certificate is that of another host'
  if (/certificate has expired/.test(text)) return 'its certificate has expired'
  return text.split('\n')[0]!.slice(0, 200)
}
