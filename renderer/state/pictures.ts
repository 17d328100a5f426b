import { useEffect, useState } from 'react'
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

/** Where pictures are read. */
export interface PictureSource {
  /** @returns the address for an `<img>`, or where the picture has to be read first a promise of it: the same until it has been */
  show(picture: Picture): string | Promise<string>
  /** The bytes at an address of `pictureAddress`. @throws when there are none, or the signal aborts */
  read(address: string, signal: AbortSignal): Promise<Blob>
}

let source: PictureSource = {
  show: pictureAddress,
  read: async (address, signal) => {
    const response = await fetch(address, { signal })
    if (!response.ok) throw new Error(`${address}: ${response.status}`)
    return response.blob()
  },
}

/** Reads all pictures elsewhere: in a published page they are parts of its data. */
export function setPictureSource(other: PictureSource): void {
  source = other
}

export const readPicture: PictureSource['read'] = (address, signal) => source.read(address, signal)

/** The address of a picture for an `<img>`; undefined until it is known, and where there is no such picture. */
export function usePictureAddress(picture: Picture | null): string | undefined {
  const shown = picture === null ? undefined : source.show(picture)
  const key = picture === null ? '' : pictureUrl(picture)
  const [found, setFound] = useState<{ readonly key: string; readonly address: string }>()
  useEffect(() => {
    if (shown === undefined || typeof shown === 'string') return
    let current = true
    shown.then(
      address => current && setFound({ key, address }),
      // As an address that leads nowhere: nothing is shown.
      () => {},
    )
    return () => {
      current = false
    }
  }, [key, shown])
  if (typeof shown === 'string') return shown
  return found?.key === key ? found.address : undefined
}
