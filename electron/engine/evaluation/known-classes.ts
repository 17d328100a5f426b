import { fileURLToPath } from 'node:url'
import type { Label } from '../model/classifier.ts'
import { namelessLabels, parseLabels, readLabelLines } from '../model/label-file.ts'
import { labelOfHint } from '../model/labels.ts'
import type { LabelledPhotograph } from './input-trial.ts'

/** The classes of a network, in the order of its outputs, and the photographs whose paths name one. */
export interface KnownClasses {
  readonly labels: readonly Label[]
  /** As they are written into a sidecar; undefined where they have no names. */
  readonly lines: readonly string[] | undefined
  /** In words, where they are a guess. */
  readonly origin: string | undefined
  readonly photographs: readonly LabelledPhotograph[]
}

interface Hinted {
  readonly file: string
  readonly classHint?: string
}

const IMAGENET = fileURLToPath(new URL('../../../resources/models/imagenet-synsets.txt', import.meta.url))

/**
 * The first of these orders of the classes by which some photograph has one: that of a label file; for 1,000 classes that of
 * ImageNet, by synset, which all its networks share; that of the photographs' folders by name, where they are as many as
 * the classes (PyTorch's ImageFolder numbers them so); and numbers.
 * @param file the label file; the only one where it is given
 */
export async function knownClasses(
  classes: number,
  images: readonly Hinted[],
  file: string | undefined,
): Promise<KnownClasses> {
  const folders = [...new Set(images.flatMap(({ classHint }) => classHint ?? []))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  const orders: { readonly lines: readonly string[] | undefined; readonly origin?: string }[] =
    file === undefined
      ? [
          ...(classes === 1000 ? [{ lines: await readLabelLines(IMAGENET), origin: 'the classes of ImageNet' }] : []),
          ...(folders.length === classes
            ? [{ lines: folders, origin: 'the folders in the order of their names' }]
            : []),
          { lines: undefined },
        ]
      : [{ lines: await readLabelLines(file) }]
  const known = orders.map(({ lines, origin }): KnownClasses => {
    const labels = lines === undefined ? namelessLabels(classes) : parseLabels(lines, file ?? 'the labels')
    const photographs = images.flatMap(image => {
      const label = labelOfHint(labels, image.classHint)
      return label === undefined ? [] : [{ file: image.file, label }]
    })
    return { labels, lines, origin, photographs }
  })
  return known.find(({ photographs }) => photographs.length > 0) ?? known[0]!
}
