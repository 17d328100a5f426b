import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { reason, UserError } from '../../contract/errors.ts'
import type { PublishedText } from '../../contract/published.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const built = join(root, 'out/published')

/**
 * The script and styles of the page. In a checkout they are built first where their sources have changed, which takes
 * seconds; the packaged application has them, and no sources.
 * @throws UserError when they cannot be built
 */
export async function pageFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const script = join(built, 'page.js')
  const sources = join(root, 'renderer')
  const changed = existsSync(sources) ? await newest([sources, join(root, 'electron/contract')]) : 0
  if (changed > (existsSync(script) ? (await stat(script)).mtimeMs : 0)) await buildPage()
  const files = new Map<string, Uint8Array>()
  for (const name of await readdir(built)) files.set(name, new Uint8Array(await readFile(join(built, name))))
  return files
}

/** When a file of some folders last changed, ms; 0 without any. */
async function newest(folders: readonly string[]): Promise<number> {
  let last = 0
  for (const folder of folders)
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (file.isFile()) last = Math.max(last, (await stat(join(file.parentPath, file.name))).mtimeMs)
  return last
}

async function buildPage(): Promise<void> {
  try {
    // In a process of its own: the bundler is for development only, and would stay in this one's memory.
    await promisify(execFile)(process.execPath, [join(root, 'electron/tools/build-published.ts')], { cwd: root })
  } catch (error) {
    const message = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) || reason(error)
    throw new UserError(`cannot build the page to publish: ${message}; run npm install`, { cause: error })
  }
}

/** No request but for files of the folder, no inline script. `file:` for pages that are opened without a server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' file:",
  "style-src 'self' file:",
  "img-src 'self' file: blob: data:",
  // Pictures in the memory of the page, to be copied.
  'connect-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** @param revision changes with the contents */
export const htmlOf = ({ title, authors, text, license, citation }: PublishedText, revision: string): string =>
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="dark light" />
    <meta name="referrer" content="no-referrer" />
    <title>${escaped(title)}</title>${authors === '' ? '' : `\n    <meta name="author" content="${escaped(authors)}" />`}
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="page.css?v=${revision}" />
    <script src="page.js?v=${revision}" defer></script>
  </head>
  <body>
    <div id="root"></div>
    <noscript>
      <h1>${escaped(title)}</h1>
${[authors, ...text.split(/\n{2,}/), license, citation]
  .filter(part => part !== '')
  .map(part => `      <p>${escaped(part)}</p>`)
  .join('\n')}
      <p>This page draws its maps by JavaScript.</p>
    </noscript>
  </body>
</html>
`
