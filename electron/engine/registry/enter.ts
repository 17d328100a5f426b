import { z } from 'zod'
import type { Classifier, Layer } from '../model/classifier.ts'
import { findClassifier, putClassifier } from '../store/classifiers.ts'
import { classifierKey as keyOfParts } from '../store/keys.ts'
import { putModel, renameLayers } from '../store/models.ts'
import { placeOf } from '../store/places.ts'
import type { Writable } from '../store/sql.ts'

/** The key of a classifier's predictions: network, preprocessing and logits, see identity.ts. */
export const classifierKey = ({ hash, preprocessing, head, activation }: Classifier): string =>
  keyOfParts({
    network: hash,
    input: { ...preprocessing },
    logits: head,
    probabilities: activation === 'sigmoid' ? 'sigmoid' : undefined,
  })

/**
 * Stores the current description of a model: its path, names of layers, logits and labels. Results of earlier
 * descriptions stay, each with the classifier that it was computed with.
 */
export function enterModel(db: Writable, classifier: Classifier): void {
  const { hash, name, file, preprocessing, head, activation, labels, graph, layers, license, source } = classifier
  const key = classifierKey(classifier)
  const input = { ...preprocessing }
  const classes = labels.map(({ synset, name, synonyms }) => ({ synset, name, synonyms: [...synonyms] }))
  const { path, beside } = placeOf(db.file, file)
  const measured = layers.map(layer => ({ ...layer }))
  db.write(() => {
    putModel(db, {
      hash,
      name,
      file: path,
      beside,
      // Labels too: a project has the names of its classes when the model file is missing.
      sidecar: {
        name,
        input,
        logits: head,
        license,
        source,
        labels: classes,
        operators: [...new Set(graph.nodes.map(node => node.op))].sort(),
      },
      layers: measured,
      classifier: key,
      seen: Date.now(),
    })
    putClassifier(db, {
      key,
      model: hash,
      input,
      logits: head,
      probabilities: activation ?? null,
      layers: [...measured, ...others(db, key, measured)],
      labels: classes,
    })
    // A tensor with several names is called by the first.
    renameLayers(db, hash, [...new Map(layers.toReversed().map(layer => [layer.tensor, layer])).values()])
  })
}

/** Layers of atlases that the description does not name any more: they are named after their tensors. */
function others(db: Writable, key: string, present: readonly Layer[]) {
  const tensors = new Set(present.map(({ tensor }) => tensor))
  const stored = z
    .array(z.looseObject({ tensor: z.string() }).catchall(z.json()))
    .safeParse(findClassifier(db, key)?.layers)
  return (stored.data ?? [])
    .filter(({ tensor }) => !tensors.has(tensor))
    .map(layer => ({ ...layer, name: layer.tensor }))
}
