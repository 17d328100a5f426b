import { z } from 'zod'
import { Composition } from '../../electron/contract/placement.ts'
import { ClassIndex, ModelHash } from '../../electron/contract/values.ts'
import { call } from '../state/queries.ts'
import { compositionOf, enter, restoreLab, useLab } from './lab.ts'

/** The key of the composition among the saved items of kind `view`. */
const NAME = 'patch lab'
/** Milliseconds after the last change. */
const DELAY = 800

const Saved = z.object({
  version: z.literal(1),
  composition: Composition.nullable(),
  model: ModelHash.nullable(),
  source: ClassIndex.nullable(),
  target: ClassIndex.nullable(),
})

/** What is saved of the lab, as JSON. */
export function savedLab(): string {
  const { edited, model, source, target } = useLab.getState()
  return JSON.stringify({ version: 1, composition: compositionOf(edited), model, source, target })
}

/** @returns undefined for what another version of Portolan saved */
export function readLab(value: unknown): Omit<z.output<typeof Saved>, 'version'> | undefined {
  const parsed = Saved.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/**
 * Opens the lab of a project with the composition that it was left with, unless there is one already, such as an icon that was
 * sent to it; and saves every later one.
 * @returns a function that stops saving
 */
export function keepLab(project: string): () => void {
  enter(project)
  let timer: ReturnType<typeof setTimeout>
  let end = (): void => {}
  let ended = false
  let last = savedLab()
  const restored = async (): Promise<void> => {
    const items = await call('saved.list', { kind: 'view' })
    const saved = readLab(items.find(({ name }) => name === NAME)?.value)
    if (ended) return
    if (
      saved !== undefined &&
      useLab.getState().edited.image === null &&
      useLab.getState().edited.patches.length === 0
    ) {
      restoreLab(saved)
      last = savedLab()
    }
    end = useLab.subscribe(() => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        const text = savedLab()
        if (text === last) return
        last = text
        // A failed save needs no message: the next change retries.
        call('saved.save', { kind: 'view', name: NAME, value: JSON.parse(text) }).catch(() => {
          last = ''
        })
      }, DELAY)
    })
  }
  // Without the saved one the lab is just empty.
  void restored().catch(() => {})
  return () => {
    ended = true
    clearTimeout(timer)
    end()
  }
}
