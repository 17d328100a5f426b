import { z } from 'zod'
import { call } from './call.ts'
import { PublishChoice, PublishEstimate, PublishedText } from './published.ts'
import { FilePath } from './values.ts'

/** The calls of publishing, spread into the table. */
export const publishCalls = {
  /** From some parts of the page: seconds. */
  'publish.estimate': call(PublishChoice, PublishEstimate),
  /** Writes the page into a folder of its own. Reports by `publish.progress`; one at a time for each window. */
  'publish.write': call(
    z.object({ choice: PublishChoice, text: PublishedText, folder: FilePath }).readonly(),
    z.object({ bytes: z.number().min(0), files: z.int().min(0) }).readonly(),
    () => [],
    given => [given.folder],
  ),
  /** Cancels what `publish.write` of this window does. */
  'publish.cancel': call(z.object({}).readonly(), z.object({}).readonly()),
} as const
