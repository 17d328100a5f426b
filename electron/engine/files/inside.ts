import { sep } from 'node:path'

/** Whether a path is in a folder, at any depth. @param path,folder absolute; links are not followed */
export const isInside = (path: string, folder: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
