import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { PatchOrder } from '../../contract/patch.ts'
import { PRESETS } from '../../contract/presets.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { Inverter } from '../inversion/invert.ts'
import { withAvailable } from '../inversion/statistics.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { labelText } from '../model/labels.ts'
import { findLayer, layerAt } from '../model/layers.ts'
import { classifierNamed, openClassifier, sameInput } from '../registry/open.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { atlasWithId } from '../store/atlases.ts'
import { listCells } from '../store/cells.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { keepPatch } from './gallery.ts'

export const PATCH_GENERATE = 'patch generate'
/** @property classifier key of the model's classifier when it was begun; jobs of earlier versions have none */
export const GenerateJob = z.object({ order: PatchOrder, classifier: z.string().optional() })
export type GenerateJob = z.infer<typeof GenerateJob>

/** What shall be shown, at which layer. */
interface Wanted {
  readonly layer: Layer
  readonly direction: Float32Array
  /** For the reader. */
  readonly name: string
}

/** Makes a patch by inversion, without whitening or centring: the body of a job. */
export async function generatePatch(
  db: Writable,
  { order, classifier: key }: GenerateJob,
  runtime: Runtime,
  job: JobContext,
): Promise<void> {
  const classifier = await openClassifier(db, key ?? classifierNamed(db, order.model))
  const { layer, direction, name } = wantedOf(db, classifier, order)
  const preset: Inversion = PRESETS[order.preset].inversion
  const { steps = preset.steps, size = preset.size } = order
  const inversion = withAvailable({ ...preset, batch: 1, steps, size }, { moment: false, mean: false })
  await job.stage({
    name: 'inversion',
    existing: () => undefined,
    compute: async ({ signal, report }) => {
      const inverter = await Inverter.create(classifier, runtime, layer, inversion)
      try {
        const [icon] = await inverter.invert(direction, { seed: order.seed, signal, report })
        if (icon?.status !== 'ok')
          throw new UserError(`no start of ${order.preset} gave a picture of ${name}: try another seed or preset`)
        const { rgb, size } = icon
        const rgba = new Uint8Array(4 * size * size).fill(255)
        for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) rgba.set(rgb.subarray(from, from + 3), to)
        const about = `${name} at ${layer.name}, ${order.preset}, seed ${order.seed}`
        await keepPatch(
          db,
          { rgba, width: size, height: size },
          { name, kind: 'inversion', origin: `inversion of ${about}` },
        )
      } finally {
        await inverter.release()
      }
    },
  })
}

/** @throws UserError when the cell has gone, or the model does not end in an average and a linear layer */
function wantedOf(db: Readable, classifier: Classifier, { direction: wanted }: PatchOrder): Wanted {
  switch (wanted.kind) {
    case 'cell': {
      const { atlas: id, grid, i, j } = wanted.cell
      const atlas = atlasWithId(db, id)
      const cell = atlas && listCells(db, id, grid).find(each => each.i === i && each.j === j)
      if (!atlas || !cell?.direction)
        throw new UserError(`there is no cell ${i}, ${j} with an icon in the grid of ${grid}: choose another`)
      // A direction means something to the network and the preprocessing that it was measured with alone.
      if (!sameInput(db, atlas, classifier))
        throw new UserError(`${atlas.name} is an atlas of another model or another preprocessing; choose its model`)
      const layer = layerAt(classifier, atlas.tensor, atlas.layer)
      return { layer, direction: cell.direction, name: `cell ${i}, ${j}` }
    }
    case 'channel': {
      const layer = findLayer(classifier, wanted.layer)
      if (wanted.channel >= layer.channels)
        throw new UserError(`${layer.name} has no channel ${wanted.channel}: it has ${layer.channels}`)
      const direction = new Float32Array(layer.channels)
      direction[wanted.channel] = 1
      return { layer, direction, name: `channel ${wanted.channel}` }
    }
    case 'class': {
      const label = classifier.labels[wanted.class]
      if (!label) throw new UserError(`${classifier.name} has no class ${wanted.class}`)
      for (const layer of classifier.layers.toReversed()) {
        const weights = closedForm(classifier, layer)
        if (!weights) continue
        const classes = classifier.labels.length
        const direction = Float32Array.from(
          { length: layer.channels },
          (_, k) => weights.data[k * classes + label.index]!,
        )
        return { layer, direction, name: labelText(label) }
      }
      throw new UserError(
        `${classifier.name} does not end in an average and a linear layer, so a class is no direction of a layer: choose a cell or a channel`,
      )
    }
  }
}
