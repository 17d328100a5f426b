import { UserError } from '../../contract/errors.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Part, Unit } from './unit.ts'

/** What a unit is performed with on this device. */
export interface Equipment {
  readonly classifier: Classifier
  readonly runtime: Runtime
}

/** What stays open for the next unit of the same kind: compiled programs. */
export interface Tool {
  release(): Promise<void>
}

/** How the units of a kind are performed. */
export interface UnitKind<U extends Unit, T extends Tool> {
  /** Units with equal keys are performed with the same tool. */
  readonly key: (unit: U) => string
  /** @throws UserError when the unit cannot be performed with this model, anywhere */
  readonly open: (unit: U, equipment: Equipment) => Promise<T>
  /** @param content the bytes of a part of the unit @returns the result, as the build accepts it */
  readonly perform: (unit: U, tool: T, content: (part: Part) => Promise<Buffer>, signal: AbortSignal) => Promise<Buffer>
}

/** A kind with its tool, of which nobody else knows the type. */
type Performing = (
  unit: Unit,
  equipment: Equipment,
  content: (part: Part) => Promise<Buffer>,
  signal: AbortSignal,
) => Promise<Buffer>

interface Opened extends Tool {
  readonly perform: Performing
}

/** Opens a kind for one performer. @throws Error for units of another kind */
export type KindOfUnits = () => Opened

export const kindOfUnits =
  <U extends Unit, T extends Tool>(name: U['kind'], kind: UnitKind<U, T>): KindOfUnits =>
  () => {
    let open: { readonly key: string; readonly tool: Promise<T> } | undefined
    const release = async (): Promise<void> => {
      const last = open
      open = undefined
      const tool = await last?.tool.catch(() => undefined)
      // Its runtime may have failed already.
      await tool?.release().catch(() => {})
    }
    return {
      release,
      perform: async (given, equipment, content, signal) => {
        if (given.kind !== name) throw new Error(`a unit of ${given.kind} is none of ${name}`)
        const unit = given as U
        const key = kind.key(unit)
        if (open?.key !== key) {
          await release()
          open = { key, tool: kind.open(unit, equipment) }
        }
        return kind.perform(unit, await open.tool, content, signal)
      },
    }
  }

/** All kinds of units, by name. */
export type KindsOfUnits = { readonly [K in Unit['kind']]: KindOfUnits }

/** Performs units on one device, one after the other: the last programs stay compiled for the next unit of the same kind. */
export class Performer {
  readonly #kinds: KindsOfUnits
  readonly #open = new Map<Unit['kind'], Opened>()

  constructor(kinds: KindsOfUnits) {
    this.#kinds = kinds
  }

  /**
   * @param content the bytes of a part of the unit
   * @throws UserError when the unit cannot be performed with this model, anywhere
   */
  async perform(
    unit: Unit,
    equipment: Equipment,
    content: (part: Part) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const opened = this.#open.get(unit.kind) ?? this.#kinds[unit.kind]()
    this.#open.set(unit.kind, opened)
    try {
      return await opened.perform(unit, equipment, content, signal)
    } catch (error) {
      // Steps have state, and a runtime may have failed: the next unit opens its tool again.
      await opened.release()
      throw error
    }
  }

  async release(): Promise<void> {
    for (const opened of this.#open.values()) await opened.release()
    this.#open.clear()
  }
}

/** @throws UserError when the classifier has no layer there */
export function layerAt({ layers, name }: Classifier, tensor: string): Layer {
  const layer = layers.find(each => each.tensor === tensor)
  if (layer === undefined) throw new UserError(`${name} has no layer at the tensor "${tensor}"`)
  return layer
}
