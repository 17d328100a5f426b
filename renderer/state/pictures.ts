import { type Picture, pictureUrl } from '../../electron/contract/pictures.ts'

/**
 * The address of a picture: in the application's own scheme or, on a plain page during development, under the path in
 * the page's `data-pictures`.
 */
export function pictureAddress(picture: Picture): string {
  const base = document.documentElement.dataset['pictures']
  const url = pictureUrl(picture)
  return base === undefined ? url : url.replace('portolan://', base)
}
