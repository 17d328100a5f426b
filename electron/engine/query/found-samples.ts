import type { FoundSamples, SampleSearch } from '../../contract/samples-in-view.ts'
import { labelOfHint } from '../model/labels.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { classHints, findImage, imagesOfHints, searchImages } from '../store/photographs.ts'
import { readSamples } from '../store/samples.ts'
import { positionsOf } from './atlas-records.ts'
import { labelsOf, modelOf } from './model-records.ts'
import type { Project } from './project.ts'

/** SQLite's largest count of rows. */
const ALL = 0x7fff_ffff

/** [n], the photograph of every sample of an atlas's set. */
const imagesOfSamples = (project: Project, { set }: AtlasRecord, n: number): Uint32Array =>
  project.cached(
    `images of samples ${set}`,
    () => Uint32Array.from(readSamples(project.db, set, 0, n), ({ image }) => image),
    ({ byteLength }) => byteLength,
  )

/**
 * The samples of an atlas in a part of its layout, those that a text finds: by a part of the path of their photograph, or of
 * the name of its class. Of more than `limit` every k-th is given, so that none of the part is left out as a whole.
 */
export async function foundSamples(
  project: Project,
  atlas: AtlasRecord,
  { region, text, limit }: Omit<SampleSearch, 'atlas'>,
): Promise<FoundSamples> {
  const positions = positionsOf(project, atlas)
  const n = positions.length / 2
  const images = imagesOfSamples(project, atlas, n)
  const labels = await labelsOf(project, modelOf(project, atlas))
  const wanted = text.trim() === '' ? undefined : matching(project, labels, text.trim())
  const found: number[] = []
  for (let sample = 0; sample < n; sample++) {
    const [x, y] = [positions[2 * sample]!, positions[2 * sample + 1]!]
    // Positions of samples that are not part of the atlas are NaN.
    if (!(x >= region.left && x <= region.right && y >= region.top && y <= region.bottom)) continue
    if (wanted === undefined || wanted.has(images[sample]!)) found.push(sample)
  }
  const step = Math.max(1, Math.ceil(found.length / limit))
  const given = found.filter((_, k) => k % step === 0)
  const classes = new Map<number, number>()
  for (const sample of given) {
    const id = images[sample]!
    if (!classes.has(id)) classes.set(id, labelOfHint(labels, findImage(project.db, id)?.class ?? null)?.index ?? -1)
  }
  return {
    total: found.length,
    sample: Uint32Array.from(given),
    x: Float32Array.from(given, sample => positions[2 * sample]!),
    y: Float32Array.from(given, sample => positions[2 * sample + 1]!),
    image: Uint32Array.from(given, sample => images[sample]!),
    class: Int32Array.from(given, sample => classes.get(images[sample]!)!),
  }
}

/** Ids of the photographs whose path or class contains a text. */
function matching(project: Project, labels: Parameters<typeof labelOfHint>[0], text: string): ReadonlySet<number> {
  const lower = text.toLowerCase()
  const hints = classHints(project.db)
    .map(({ hint }) => hint)
    .filter(hint => labelOfHint(labels, hint)?.name.toLowerCase().includes(lower))
  const byPath = searchImages(project.db, text, 0, ALL).images
  return new Set([...byPath, ...imagesOfHints(project.db, hints)].map(({ id }) => id))
}
