import sharp from 'sharp'
import type { ProjectPreview } from '../../contract/project.ts'
import { gridPicture } from '../atlas/export.ts'
import { type AtlasRecord, listAtlases } from '../store/atlases.ts'
import { gridStatesOf } from '../store/grid-states.ts'
import { listModels } from '../store/models.ts'
import { openProject } from '../store/open.ts'
import type { Readable } from '../store/sql.ts'

/** Edge of the picture, pixels: 72 on a dense screen. */
const EDGE = 144

/**
 * A project file without its contents: size, networks, layers, and a small picture of its last atlas.
 * @throws UserError as opening does
 */
export async function previewOf(file: string): Promise<ProjectPreview> {
  using db = openProject(file, { mode: 'read' })
  const atlases = listAtlases(db)
  return {
    bytes: db.bytes(),
    models: listModels(db).map(({ name }) => name),
    layers: [...new Set(atlases.map(({ layer }) => layer))],
    picture: await pictureOf(db, atlases),
  }
}

/** The coarsest grid of the newest atlas that has icons. */
async function pictureOf(db: Readable, atlases: readonly AtlasRecord[]): Promise<Uint8Array<ArrayBuffer> | null> {
  for (const atlas of atlases.toReversed()) {
    const coarsest = gridStatesOf(db, atlas.id).find(({ finished }) => finished > 0)
    if (coarsest === undefined) continue
    const { rgb, width, height } = await gridPicture(db, atlas, coarsest.grid)
    const drawn = sharp(rgb, { raw: { width, height, channels: 3 } }).resize(EDGE, EDGE, { fit: 'inside' })
    return new Uint8Array(await drawn.webp({ quality: 80 }).toBuffer())
  }
  return null
}
