import { join } from 'node:path'
import { z } from 'zod'
import { reason, UserError } from '../../contract/errors.ts'
import { userFolder } from '../files/user-folder.ts'
import { UserJson } from '../files/user-json.ts'
import { queueAddress } from './address.ts'

/** The environment variable of a queue: the arguments of a process can be seen by everyone on its machine. */
export const QUEUE_VARIABLE = 'PORTOLAN_QUEUE'

const Content = z.object({ version: z.literal(1), url: z.string().nullable() })

/** The queue that the user has chosen for jobs of the window. Its file has a password: only the user may read it. */
export class ChosenQueue {
  readonly #stored: UserJson<z.infer<typeof Content>>

  constructor(folder = userFolder()) {
    this.#stored = new UserJson(join(folder, 'queue.json'), Content, { version: 1, url: null }, { mode: 0o600 })
  }

  /** Its address; null: jobs are done by this machine alone. */
  get url(): string | null {
    return this.#stored.read().url ?? process.env[QUEUE_VARIABLE] ?? null
  }

  /** @throws UserError when it is no address, or cannot be stored */
  choose(url: string | null): void {
    if (url !== null) queueAddress(url)
    const problem = this.#stored.write({ version: 1, url })
    if (problem !== undefined)
      throw new UserError(
        `cannot save the address of the queue in ${this.#stored.file}: ${reason(problem)}; make that file writable`,
      )
  }
}
