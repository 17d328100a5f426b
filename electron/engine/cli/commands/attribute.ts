import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { signed } from '../../../contract/signed.ts'
import { createAttributor } from '../../attribution/attributor.ts'
import { decodeImage } from '../../images/decode.ts'
import { strongest } from '../../model/classify.ts'
import { labelText } from '../../model/labels.ts'
import { findLayer } from '../../model/layers.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { choice, flag, position, wholeNumber } from '../options.ts'
import { table } from '../text.ts'

const POOLS = ['exact', 'relaxed-l2', 'relaxed-avg'] as const
const Given = z.object({
  model: z.string(),
  image: z.string(),
  layer: z.string(),
  at: position,
  top: wholeNumber(1),
  all: flag,
  pool: choice(POOLS),
  ...onRuntime,
})

/** `portolan attribute MODEL IMAGE --layer L --at Y,X` */
export const defineAttribute: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Computes gradient × activation at one position of a layer: how much it raises or lowers the logit of each class.',
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<image>', 'a photograph')
    .requiredOption('--layer <layer>', 'a layer, such as mixed4c')
    .requiredOption('--at <y,x>', 'row and column in the layer at the model’s input size, from 0')
    .option('--top <n>', 'classes to list, with positive and negative attribution', '10')
    .option('--all', 'every class, in the order of the labels')
    .option('--pool <derivative>', `gradient of max-pooling: ${POOLS.join(', ')}`, 'exact')
    .action(
      run(Given, ({ model, image, layer: wanted, at: [y, x], top, all, pool, ...on }, session) =>
        withClassifier(model, on, session, async (classifier, runtime) => {
          const layer = findLayer(classifier, wanted)
          if (y >= layer.height || x >= layer.width)
            throw new UserError(
              `no position ${y},${x} in ${layer.name}: the layer has ${layer.height} × ${layer.width} units, counted from 0,0`,
              { exitCode: 2 },
            )
          const { size, resize } = classifier.preprocessing
          const { rgb } = await decodeImage(image, { size, resize })
          session.signal.throwIfAborted()
          const attributor = await createAttributor(classifier, runtime, [layer], pool)
          const units = new Map([[layer.name, [y * layer.width + x]]])
          const { attributions } = (await attributor.run(rgb, { imageOf: [0], units })).get(layer.name)!

          const about = { layer: layer.name, at: [y, x] }
          const lines = (ranked: readonly { index: number; value: number }[]): string =>
            table(
              ranked.map(({ index, value }) => [`  ${signed(value, 3)}`, labelText(classifier.labels[index]!)]),
              [0],
            )
          if (all)
            return {
              json: { ...about, attribution: attributions },
              text: () => lines(Array.from(attributions, (value, index) => ({ index, value }))),
            }
          const highest = strongest(attributions, top)
          const lowest = strongest(
            attributions.map(value => -value),
            top,
          ).map(({ index, value }) => ({ index, value: -value }))
          const named = (ranked: typeof highest) =>
            ranked.map(({ index, value }) => {
              const { synset, name } = classifier.labels[index]!
              return { index, synset, name, attribution: value }
            })
          return {
            json: { ...about, pool, top: named(highest), bottom: named(lowest) },
            text: () => `positive\n${lines(highest)}\n\nnegative\n${lines(lowest)}`,
          }
        }),
      ),
    )
