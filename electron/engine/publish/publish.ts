import { createHash } from 'node:crypto'
import type { Report } from '../../contract/progress.ts'
import { PUBLISHED_FORMAT, type PublishChoice, type PublishedText } from '../../contract/published.ts'
import { publishedParts } from './contents.ts'
import { FolderDraft, PAGE_MARK } from './folder.ts'
import { htmlOf, pageFiles } from './page.ts'
import type { PublishedSource } from './source.ts'

interface Publishing {
  readonly choice: PublishChoice
  readonly text: PublishedText
  readonly folder: string
  /** Name and version of the program. */
  readonly madeBy: string
  readonly signal: AbortSignal
  readonly report: Report
}

export interface Published {
  readonly bytes: number
  readonly files: number
}

/** The file of a part. */
const partFile = (name: string): string => `data/${name}.js`
export const partScript = (name: string, text: string): string => `portolanPart("${name}","${text}")\n`

/**
 * Writes a page of a project into a folder.
 * @throws UserError; the folder is as it was then
 */
export async function publish(
  source: PublishedSource,
  { choice, text, folder, madeBy, signal, report }: Publishing,
): Promise<Published> {
  const draft = await FolderDraft.create(folder)
  try {
    const page = await pageFiles()
    for (const [name, content] of page) await draft.write(name, content)
    // Browsers keep files by their address: that of other contents is another one.
    const revision = createHash('sha256')
    for (const content of page.values()) revision.update(content)
    for await (const part of publishedParts(source, choice, { text, madeBy, signal, report })) {
      revision.update(part.text)
      await draft.write(partFile(part.name), partScript(part.name, part.text))
    }
    await draft.write('index.html', htmlOf(text, revision.digest('hex').slice(0, 12)))
    await draft.write(
      PAGE_MARK,
      `${JSON.stringify({ format: PUBLISHED_FORMAT, madeBy, title: text.title }, null, 2)}\n`,
    )
    signal.throwIfAborted()
    await draft.finish()
    return { bytes: draft.bytes, files: draft.files }
  } catch (error) {
    await draft.discard()
    throw error
  }
}
