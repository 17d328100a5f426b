import { z } from 'zod'
import type { Classifier, Layer } from '../model/classifier.ts'
import { findClassifier, putClassifier } from '../store/classifiers.ts'
import { classifierKey as keyOfParts } from '../store/keys.ts'
import { putModel, renameLayers } from '../store/models.ts'
import { placeOf } from '../store/places.ts'
import type { Writable } from '../store/sql.ts'

/** What a classifier's answers are kept by: network, preprocessing and logits, see identity.ts. */
export const classifierKey = ({ hash, preprocessing, head, activation }: Classifier): string =>
  keyOfParts({
    network: hash,
    input: { ...preprocessing },
    logits: head,
    probabilities: activation === 'sigmoid' ? 'sigmoid' : undefined,
  })

/**
 * Enters a model as it is described now: where it lies, what its layers are called, which logits and which names of
 * classes it has. Results of earlier descriptions stay, each with the classifier that it was made with.
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
      // Labels and operators too: a project says what its classes are where the model file has gone.
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
    // Of several names of a tensor the first is what it is called.
    renameLayers(db, hash, [...new Map(layers.toReversed().map(layer => [layer.tensor, layer])).values()])
  })
}

/** Layers that atlases were made of and that the description names no more: they go by their tensors. */
function others(db: Writable, key: string, present: readonly Layer[]) {
  const tensors = new Set(present.map(({ tensor }) => tensor))
  const known = z
    .array(z.looseObject({ tensor: z.string() }).catchall(z.json()))
    .safeParse(findClassifier(db, key)?.layers)
  return (known.data ?? [])
    .filter(({ tensor }) => !tensors.has(tensor))
    .map(layer => ({ ...layer, name: layer.tensor }))
}
