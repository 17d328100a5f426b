import type { Classifier, Layer } from './classifier.ts'

/**
 * What a classifier is, in parts. Every key is made of the parts that a result depends on, and of no other:
 *
 * | part          | what it is                                                  | what depends on it                          |
 * |---------------|-------------------------------------------------------------|---------------------------------------------|
 * | network       | graph and weights: the `hash` of a classifier               | everything                                  |
 * | preprocessing | `input` of the sidecar                                      | everything                                  |
 * | layer         | its tensor; its name only says what it is called            | activations, layouts, second moments, icons |
 * | logits        | their tensor, and whether probabilities are a sigmoid       | attributions, classes of cells, trials      |
 * | labels        | names of the classes                                        | nothing: they are shown as they are now     |
 *
 * In memory these texts name what was prepared of a model; projects keep content keys of the same parts.
 */
export const inputIdentity = ({ hash, preprocessing }: Pick<Classifier, 'hash' | 'preprocessing'>): string =>
  `${hash} ${JSON.stringify(preprocessing)}`

/** What activations of a layer depend on, apart from the photograph. */
export const layerIdentity = (
  classifier: Pick<Classifier, 'hash' | 'preprocessing'>,
  { tensor }: Pick<Layer, 'tensor'>,
): string => `${inputIdentity(classifier)} layer ${JSON.stringify(tensor)}`

/** What logits depend on, apart from the photograph. */
export const headIdentity = (classifier: Pick<Classifier, 'hash' | 'preprocessing' | 'head' | 'activation'>): string =>
  `${inputIdentity(classifier)} logits ${JSON.stringify(classifier.head)} ${classifier.activation ?? 'softmax'}`
