import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseBounded } from '../../contract/bounded-json.ts'
import { QueueWorker } from '../../contract/queue.ts'
import { WORKERS_KEY } from './keys.ts'

/** Milliseconds between two signs of life of a worker, and after how many it is gone. */
export const SIGN = 5_000
const GONE = 20_000
/** Longest entry of a worker, and most of them. */
const ENTRY_BYTES = 4096
const MOST = 4096

const Entry = z.strictObject({
  ...QueueWorker.unwrap().omit({ id: true }).shape,
  /** By the server's clock, in milliseconds. */
  at: z.number(),
})

const Id = QueueWorker.unwrap().shape.id

const now = async (redis: Redis): Promise<number> => {
  const [seconds, micros] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

/** Says that a worker is there. */
export async function announce(redis: Redis, { id, ...about }: QueueWorker): Promise<void> {
  await redis.hset(WORKERS_KEY, id, JSON.stringify({ ...about, at: await now(redis) }))
}

export const withdraw = async (redis: Redis, id: string): Promise<void> => void (await redis.hdel(WORKERS_KEY, id))

/** The workers that have given a sign of life lately; those that are gone are removed. Entries that are none are ignored. */
export async function workersOf(redis: Redis): Promise<readonly QueueWorker[]> {
  const [entries, time] = await Promise.all([redis.hgetall(WORKERS_KEY), now(redis)])
  const there: QueueWorker[] = []
  const gone: string[] = []
  for (const [id, text] of Object.entries(entries)) {
    const entry = entryIn(text)
    if (entry === undefined || Math.abs(time - entry.at) > GONE || !Id.safeParse(id).success) {
      gone.push(id)
      continue
    }
    const { at: _, ...about } = entry
    if (there.length < MOST) there.push({ id, ...about })
  }
  if (gone.length > 0) await redis.hdel(WORKERS_KEY, ...gone)
  return there.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
}

function entryIn(text: string): z.infer<typeof Entry> | undefined {
  if (text.length > ENTRY_BYTES) return undefined
  try {
    return Entry.parse(parseBounded(text))
  } catch {
    return undefined
  }
}
