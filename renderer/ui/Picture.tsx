import type { ImgHTMLAttributes, ReactNode } from 'react'
import type { Picture as Which } from '../../electron/contract/pictures.ts'
import { usePictureAddress } from '../state/pictures.ts'

interface PictureProps extends Omit<ImgHTMLAttributes<HTMLImageElement>, 'src'> {
  readonly picture: Which
  readonly alt: string
}

/** One transparent pixel: an `<img>` without an address would show its text. */
const BLANK = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

/** A picture of the project; nothing until it has been read. */
export function Picture({ picture, alt, ...rest }: PictureProps): ReactNode {
  return <img alt={alt} src={usePictureAddress(picture) ?? BLANK} {...rest} />
}
