import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'

/**
 * Atlases in the order in which a network computes their layers; those of one layer stay by age. Layers that the model
 * does not list, and all where it is unknown, come last.
 */
export function byDepth(
  atlases: readonly AtlasSummary[],
  model: Pick<ModelInfo, 'layers'> | undefined,
): readonly AtlasSummary[] {
  const depths = new Map(model?.layers.map(({ name }, depth) => [name, depth]))
  const depth = ({ layer }: AtlasSummary): number => depths.get(layer) ?? depths.size
  return atlases.toSorted((a, b) => depth(a) - depth(b))
}
