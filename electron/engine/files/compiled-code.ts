import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { userFolder } from './user-folder.ts'

/**
 * Keeps the compiled code of modules that are loaded from now on in the user's folder: parsing TypeScript takes most of a
 * short command's time. Does nothing where that folder cannot be written to; `NODE_COMPILE_CACHE` names another.
 */
export const cacheCompiledCode = (): void => void enableCompileCache(join(userFolder(), 'compiled'))
