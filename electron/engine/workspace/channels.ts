import type { ChannelValue } from '../../contract/atlas.ts'
import { PRESETS } from '../../contract/presets.ts'
import { withAvailable } from '../inversion/statistics.ts'
import { layerAt } from '../model/layers.ts'
import { inverted } from './inverted.ts'
import type { OpenProject } from './open-project.ts'

/** Inversion of single channels: quick, and the same for every cell. */
const ICON = 'draft'
/** Number of channels that the inspector lists: a larger batch would be padded. */
const BATCH = 10

export const strongestChannels = (
  direction: Float32Array,
  limit: number,
): readonly { readonly channel: number; readonly value: number }[] =>
  Array.from(direction, (value, channel) => ({ channel, value }))
    .sort((a, b) => b.value - a.value || a.channel - b.channel)
    .slice(0, limit)
    .filter(({ value }) => value > 0)

/** Channels with the inversion of each (a one-hot direction). */
export async function channelIcons(
  project: OpenProject,
  { model, tensor }: { readonly model: string; readonly tensor: string },
  channels: ReturnType<typeof strongestChannels>,
): Promise<ChannelValue[]> {
  const classifier = await project.classifier(model)
  const layer = layerAt(classifier, tensor)
  const directions = channels.map(({ channel }) => {
    const direction = new Float32Array(layer.channels)
    direction[channel] = 1
    return direction
  })
  const order = {
    classifier,
    layer,
    preset: ICON,
    // The direction of a channel is not a mean of samples, so no mean is subtracted.
    inversion: withAvailable({ ...PRESETS[ICON].inversion, batch: BATCH }, { moment: false, mean: false }),
    seed: 0,
    statistics: {},
  } as const
  const icons = await inverted(project, order, directions)
  return channels.map((channel, at) => ({ ...channel, icon: icons[at]!.webp === null ? null : icons[at]!.key }))
}
