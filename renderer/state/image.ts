import { create } from 'zustand'
import type { Photograph } from '../../electron/contract/project.ts'
import { show } from './view.ts'

/** The photograph of the Image view; null: the project's first. */
export const useImage = create<{ readonly image: Photograph | null }>(() => ({ image: null }))

export function showImage(image: Photograph): void {
  useImage.setState({ image })
  show('image')
}
