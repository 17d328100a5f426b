import { Writable } from 'node:stream'
import { Command, type Redis } from 'ioredis'

/**
 * HSET, whose values are written to the connection as they are. The library would copy them into one buffer before: memory of
 * several megabytes for each unit of photographs, and as much work to collect it as to send it.
 */
class SetContents extends Command {
  readonly #key: string
  readonly #fields: readonly (readonly [field: string, value: Buffer])[]

  constructor(key: string, fields: readonly (readonly [field: string, value: Buffer])[]) {
    super('hset', [key, ...fields.flat()])
    this.#key = key
    this.#fields = fields
  }

  /** Called for each connection that the command is sent by. @returns what the library writes last */
  override toWritable(socket: object): string | Buffer {
    if (!(socket instanceof Writable)) return super.toWritable(socket)
    socket.cork()
    process.nextTick(() => socket.uncork())
    socket.write(`*${2 + 2 * this.#fields.length}\r\n$4\r\nhset\r\n${bulk(this.#key)}`)
    for (const [field, value] of this.#fields) {
      socket.write(`${bulk(field)}$${value.length}\r\n`)
      socket.write(value)
      socket.write('\r\n')
    }
    return ''
  }
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

/** Sets fields of a hash. @throws Error what the server answers instead */
export const setContents = async (
  redis: Redis,
  key: string,
  fields: readonly (readonly [field: string, value: Buffer])[],
): Promise<void> => {
  await redis.sendCommand(new SetContents(key, fields))
}
