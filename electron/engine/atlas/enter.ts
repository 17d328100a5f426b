import type { AtlasParams } from '../../contract/build.ts'
import type { LayerStatistics } from '../inversion/statistics.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { classifierKey } from '../registry/enter.ts'
import { type AtlasRecord, addAtlas, adoptAtlas, findAtlas, listAtlases } from '../store/atlases.ts'
import { contentKey, keyForm } from '../store/keys.ts'
import type { LayoutRecord } from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'

/** Finds or adds the atlas of a layer, a layout and inversion parameters; its grids may be added one by one. */
export function enterAtlas(
  db: Writable,
  set: SampleSet,
  classifier: Classifier,
  layer: Layer,
  layout: LayoutRecord,
  params: AtlasParams,
  { whitening: matrix }: LayerStatistics,
  context: string,
): AtlasRecord {
  const { minSamples, attribution, preset, inversion } = params
  const icons = inversion.start ? `${preset} from photographs` : preset
  const its = classifierKey(classifier)
  const key = atlasKey(layout, params, context, its)
  return (
    findAtlas(db, key) ??
    addAtlas(db, {
      key,
      name: unusedName(db, [`${layer.name}, ${icons}`, `${layer.name}, ${icons}, ${layout.name}`], key),
      set: set.id,
      tensor: layer.tensor,
      layer: layer.name,
      layout: layout.id,
      classifier: its,
      attribution,
      whitening: { ridge: params.ridge, shrinkage: matrix?.shrinkage ?? null, applied: matrix !== undefined },
      preset: { name: preset, seed: params.seed, minSamples, ...inversion },
      created: Date.now(),
    })
  )
}

/** The first name that no atlas of the project has; with the start of the key if all are taken. */
function unusedName(db: Writable, names: readonly string[], key: string): string {
  const taken = new Set(listAtlases(db).map(({ name }) => name))
  return names.find(name => !taken.has(name)) ?? `${names[0]}, ${key.slice(0, 8)}`
}

const atlasKey = (
  layout: LayoutRecord,
  { minSamples, attribution }: AtlasParams,
  icons: string,
  classifier: string,
): string => contentKey(keyForm({ atlas: 2, layout: layout.key, minSamples, attribution, icons, classifier }))

/**
 * The same atlas as an earlier version stored it, without the logits in its key. Its cells are computed again; layout and
 * icons do not depend on the logits, and stay.
 */
export function earlierAtlas(
  db: Writable,
  layout: LayoutRecord,
  { minSamples, attribution }: AtlasParams,
  icons: string,
): AtlasRecord | undefined {
  const atlas = findAtlas(db, contentKey(keyForm({ atlas: 1, layout: layout.key, minSamples, attribution, icons })))
  return atlas?.assumed === 1 ? atlas : undefined
}

/** Gives an atlas of an earlier version its key of this one. */
export function adoptEarlier(
  db: Writable,
  { id }: Pick<AtlasRecord, 'id'>,
  classifier: Classifier,
  layout: LayoutRecord,
  params: AtlasParams,
  context: string,
): void {
  const its = classifierKey(classifier)
  adoptAtlas(db, id, { key: atlasKey(layout, params, context, its), classifier: its })
}
