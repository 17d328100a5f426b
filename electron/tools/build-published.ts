import { join } from 'node:path'
import { buildPublished } from '../launch/build.ts'

/** Builds the script and styles of published pages into out/published. */
await buildPublished(join(import.meta.dirname, '../..'))
