import { type Picture, pictureUrl } from '../../electron/contract/pictures.ts'

/**
 * Where a picture is fetched from: the application's own scheme, or, in a plain page during development, the path
 * that the page names in `data-pictures`.
 */
export function pictureAddress(picture: Picture): string {
  const base = document.documentElement.dataset['pictures']
  const url = pictureUrl(picture)
  return base === undefined ? url : url.replace('portolan://', base)
}
