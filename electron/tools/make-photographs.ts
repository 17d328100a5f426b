import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import sharp from 'sharp'
import { z } from 'zod'

/** Edge of the shipped photographs in pixels: the network sees 224, and a crop of half a photograph is still a picture. */
const EDGE = 256
/** Thirteen to fourteen megabytes for a thousand photographs. */
const QUALITY = 80

const Credits = z.array(
  z.object({
    file: z.string().regex(/^n\d{8}_[0-9a-f]+\.jpg$/),
    author: z.string().min(1),
    license: z.url(),
    source: z.url(),
  }),
)

/** Names in the list have the bytes of letters beyond ASCII as octal escapes: `Minist\303\251rio`. */
const unescaped = (text: string): string =>
  text.replace(/(?:\\\d{3})+/g, escapes =>
    Buffer.from(
      escapes
        .slice(1)
        .split('\\')
        .map(octal => Number.parseInt(octal, 8)),
    ).toString('utf8'),
  )

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/**
 * Resizes photographs for the package, and writes who took each of them beside them. Equal input gives equal bytes.
 * @param from folder of square photographs with an ATTRIBUTION.csv
 * @param to   folder that is replaced
 * @returns how many, and their bytes
 */
export async function makePhotographs(from: string, to: string): Promise<{ photographs: number; bytes: number }> {
  const rows = parse(await readFile(join(from, 'ATTRIBUTION.csv')), { columns: true, bom: true })
  const credits = Credits.parse(rows).sort((a, b) => (a.file < b.file ? -1 : 1))
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  let bytes = 0
  for (const { file } of credits) {
    const image = sharp(join(from, file))
    const { width, height } = await image.metadata()
    if (width !== height) throw new Error(`${file} is ${width} × ${height}, not a square`)
    const jpeg = await image
      .resize(EDGE, EDGE, { kernel: 'lanczos3' })
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY, mozjpeg: true })
      .toBuffer()
    await writeFile(join(to, file), jpeg)
    bytes += jpeg.length
  }
  const changes = `made square and resized to ${EDGE} × ${EDGE} px`
  const lines = credits.map(({ file, author, license, source }) =>
    [file, '', unescaped(author), source, license, changes].map(quoted).join(','),
  )
  await writeFile(join(to, 'ATTRIBUTION.csv'), `${['file,title,author,source,license,changes', ...lines].join('\n')}\n`)
  return { photographs: credits.length, bytes }
}
