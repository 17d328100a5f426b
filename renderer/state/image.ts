import { create } from 'zustand'
import type { Photograph } from '../../electron/contract/project.ts'
import { show } from './view.ts'

interface ImageState {
  /** Key of the project. */
  readonly project: string | null
  /** Null: the project's first. */
  readonly image: Photograph | null
  /** Null: that of the active pane. */
  readonly layer: string | null
  /** The class whose attribution is shown over the photograph; null: none. */
  readonly class: number | null
  /** The user chose the photograph or pressed the button: only then are its hundreds of icons rendered. */
  readonly requested: boolean
}

const INITIAL: ImageState = { project: null, image: null, layer: null, class: null, requested: false }

/** What the Image view shows. */
export const useImage = create<ImageState>(() => INITIAL)

/** Chooses the photograph of the Image view. */
export function chooseImage(image: Photograph): void {
  useImage.setState({ image, requested: true })
}

export function showImage(image: Photograph): void {
  chooseImage(image)
  show('image')
}

/** Resets the view when another project is opened. */
export function enterImages(project: string): void {
  if (useImage.getState().project !== project) useImage.setState({ ...INITIAL, project })
}
