import type { Edge, Inversion } from '../../contract/inversion.ts'
import type { Layer } from '../model/classifier.ts'

/**
 * An inversion whose edges are numbers of pixels.
 *
 * With `input`, the network takes images of this edge only, as a transformer does whose position embeddings have a fixed
 * number: every view has it, and covers the complete icon, which may be smaller.
 */
export type Sized = Inversion & { readonly size: number; readonly input?: number }

/** Minimum units and pixels of an edge: with fewer, nothing is recognisable. */
const MIN_UNITS = 3
const MIN_PIXELS = 32

/**
 * The edge in pixels of a frame at a layer: the largest odd number of units within `pixels` and within the given share
 * of the receptive field, so that the unit H div 2, whose activation is optimised, is in the centre of the icon.
 */
export function edgeOf(edge: Edge, { stride, receptiveField }: Pick<Layer, 'stride' | 'receptiveField'>): number {
  if (typeof edge === 'number') return edge
  const within = Math.floor(Math.min(edge.pixels, edge.field * receptiveField) / stride)
  const minimum = Math.max(MIN_UNITS, Math.ceil(MIN_PIXELS / stride))
  const pixels = stride * Math.max(within - 1 + (within % 2), minimum + 1 - (minimum % 2))
  // A spectrum needs an even edge.
  return pixels + (pixels % 2)
}

/**
 * A preset at a layer: every edge in pixels.
 * @param input the edge of the images that the network takes, if it takes no others up to the layer
 */
export function sizedFor(inversion: Inversion, layer: Pick<Layer, 'stride' | 'receptiveField'>, input?: number): Sized {
  if (input !== undefined) return atInputSize(inversion, input)
  const size = edgeOf(inversion.size, layer)
  const { transforms } = inversion
  if (!('views' in transforms)) return { ...inversion, size }
  const views = transforms.views.map(({ until, size: view }) => ({ until, size: Math.min(size, edgeOf(view, layer)) }))
  return { ...inversion, size, transforms: { ...transforms, views } }
}

function atInputSize(inversion: Inversion, input: number): Sized {
  // A spectrum needs an even edge.
  const size = input - (input % 2)
  const { transforms } = inversion
  if (!('views' in transforms)) return { ...inversion, size, input }
  const views = [{ until: 1, size }]
  return { ...inversion, size, input, transforms: { ...transforms, views } }
}

/** The same preset with another maximum edge of icons: an odd number of units where the edge depends on the layer. */
export const resized = (inversion: Inversion, pixels: number): Inversion => ({
  ...inversion,
  size: typeof inversion.size === 'number' ? pixels : { pixels, field: 4 },
})
