import { z } from 'zod'
import { ClassIndex, ImageId, LayerName } from '../../electron/contract/values.ts'
import { enterImages, useImage } from '../state/image.ts'
import { keepSaved } from '../state/keep-saved.ts'
import { call } from '../state/queries.ts'

const Saved = z.object({
  version: z.literal(1),
  image: ImageId.nullable(),
  layer: LayerName.nullable(),
  class: ClassIndex.nullable(),
})

function savedImage(): string {
  const { image, layer, class: index } = useImage.getState()
  return JSON.stringify({ version: 1, image: image?.id ?? null, layer, class: index })
}

/**
 * Opens the Image view of a project with the photograph, layer and class that it was left with, unless a photograph was
 * chosen meanwhile; and saves every later one.
 * @returns a function that stops saving
 */
export function keepImage(project: string): () => void {
  enterImages(project)
  return keepSaved({
    name: 'image',
    text: savedImage,
    restore: async value => {
      const saved = Saved.safeParse(value)
      if (!saved.success) return
      const { image: id, layer, class: index } = saved.data
      const image = id === null ? null : await call('photograph.get', { image: id })
      const now = useImage.getState()
      // Another project may have been opened meanwhile.
      if (now.project === project && now.image === null) useImage.setState({ image, layer, class: index })
    },
    subscribe: changed => useImage.subscribe(changed),
  })
}
