import type { Classifier, Layer } from './classifier.ts'

/**
 * The parts of a classifier's identity. Every key consists of the parts that a result depends on, and no others:
 *
 * | part          | what it is                                                  | what depends on it                          |
 * |---------------|-------------------------------------------------------------|---------------------------------------------|
 * | network       | graph and weights: the `hash` of a classifier               | everything                                  |
 * | preprocessing | `input` of the sidecar                                      | everything                                  |
 * | layer         | its tensor, but not its name                                | activations, layouts, second moments, icons |
 * | logits        | their tensor, and whether probabilities are a sigmoid       | attributions, classes of cells, trials      |
 * | labels        | names of the classes                                        | nothing: the current names are shown        |
 *
 * In memory these texts are the keys of prepared programs; projects store content keys of the same parts.
 */
const inputIdentity = ({ hash, preprocessing }: Pick<Classifier, 'hash' | 'preprocessing'>): string =>
  `${hash} ${JSON.stringify(preprocessing)}`

/** The parts that activations of a layer depend on, apart from the photograph. */
export const layerIdentity = (
  classifier: Pick<Classifier, 'hash' | 'preprocessing'>,
  { tensor }: Pick<Layer, 'tensor'>,
): string => `${inputIdentity(classifier)} layer ${JSON.stringify(tensor)}`

/** The parts that logits depend on, apart from the photograph. */
export const headIdentity = (classifier: Pick<Classifier, 'hash' | 'preprocessing' | 'head' | 'activation'>): string =>
  `${inputIdentity(classifier)} logits ${JSON.stringify(classifier.head)} ${classifier.activation ?? 'softmax'}`
