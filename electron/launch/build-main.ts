import { join } from 'node:path'
import { buildAll } from './build.ts'

await buildAll(join(import.meta.dirname, '../..'))
