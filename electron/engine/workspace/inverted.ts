import type { Inversion, PresetName } from '../../contract/inversion.ts'
import { iconKey } from '../atlas/cells.ts'
import { iconContext, storedIcon } from '../atlas/icons.ts'
import { encodeWebp } from '../images/encode.ts'
import { Inverter } from '../inversion/invert.ts'
import type { LayerStatistics } from '../inversion/statistics.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { findIcon, type Icon, putIcons } from '../store/icons.ts'
import type { OpenProject } from './open-project.ts'

interface InvertedOrder {
  readonly classifier: Classifier
  readonly layer: Layer
  readonly preset: PresetName
  readonly inversion: Inversion
  readonly seed: number
  readonly statistics: LayerStatistics
}

/** Maximum of cached inverters. Requested icons are inverted at once, without a job, and stored like all others. */
const INVERTERS = 4
const inverters = new Map<string, Promise<Inverter>>()

/**
 * Icons of some directions: stored ones from the project, the others inverted now and stored if the project can be
 * written.
 * @returns in the order of the directions
 */
export async function inverted(
  project: OpenProject,
  order: InvertedOrder,
  directions: readonly Float32Array[],
): Promise<readonly Icon[]> {
  const { classifier, layer, preset, inversion, seed, statistics } = order
  const context = iconContext(classifier, layer, { inversion, seed }, statistics)
  const keys = directions.map(direction => iconKey(context, direction))
  const icons = new Map<string, Icon>()
  for (const key of keys) {
    const existing = findIcon(project.db, key) ?? project.peek<Icon>(`icon ${key}`)
    if (existing !== undefined) icons.set(key, existing)
  }
  const missing = [...new Set(keys)].filter(key => !icons.has(key))
  if (missing.length > 0) {
    const runtime = await project.runtime(classifier)
    const inverter = await shared(`${context} ${runtime.identity.name}`, () =>
      Inverter.create(classifier, runtime, layer, inversion),
    )
    for (let from = 0; from < missing.length; from += inverter.batch) {
      const part = missing.slice(from, from + inverter.batch)
      const rows = new Float32Array(part.length * layer.channels)
      for (const [row, key] of part.entries()) rows.set(directions[keys.indexOf(key)]!, row * layer.channels)
      const results = await inverter.invert(rows, { seed, ...statistics })
      const records = await Promise.all(
        results.map(async (icon, row) => {
          const webp = await encodeWebp({ rgb: icon.rgb, width: icon.size, height: icon.size })
          return storedIcon(part[row]!, icon, { preset, inversion: inverter.inversion, seed }, webp)
        }),
      )
      if (project.readOnly === null) putIcons(project.writable(), records)
      // Icons of a read-only project are cached while it is open.
      for (const icon of records) {
        icons.set(icon.key, icon)
        if (project.readOnly !== null)
          project.cached(
            `icon ${icon.key}`,
            () => icon,
            ({ webp }) => webp?.length ?? 0,
          )
      }
    }
  }
  return keys.map(key => icons.get(key)!)
}

/** Keeps compiled programs for the next request: preparing one takes longer than a few steps. */
async function shared(name: string, create: () => Promise<Inverter>): Promise<Inverter> {
  const cached = inverters.get(name)
  inverters.delete(name)
  const inverter = cached ?? create()
  inverters.set(name, inverter)
  inverter.catch(() => inverters.delete(name))
  if (inverters.size > INVERTERS) {
    const [oldest, its] = inverters.entries().next().value!
    inverters.delete(oldest)
    void its.then(old => old.release()).catch(() => {})
  }
  return inverter
}
