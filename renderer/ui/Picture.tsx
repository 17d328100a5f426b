import type { ImgHTMLAttributes, ReactNode } from 'react'
import type { Picture as Which } from '../../electron/contract/pictures.ts'
import { usePictureAddress } from '../state/pictures.ts'

interface PictureProps extends Omit<ImgHTMLAttributes<HTMLImageElement>, 'src'> {
  readonly picture: Which
  readonly alt: string
}

/** A picture of the project. */
export function Picture({ picture, alt, ...rest }: PictureProps): ReactNode {
  return <img alt={alt} src={usePictureAddress(picture)} {...rest} />
}
