import { z } from 'zod'
import { Composition } from '../../electron/contract/placement.ts'
import { ClassIndex, ModelHash } from '../../electron/contract/values.ts'
import { keepSaved } from '../state/keep-saved.ts'
import { compositionOf, enter, restoreLab, useLab } from './lab.ts'

/** The key of the composition among the saved items of kind `view`. */
const NAME = 'patch lab'

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
  return keepSaved({
    name: NAME,
    text: savedLab,
    restore: value => {
      const saved = readLab(value)
      const { image, patches } = useLab.getState().edited
      if (saved !== undefined && image === null && patches.length === 0) restoreLab(saved)
    },
    subscribe: changed => useLab.subscribe(changed),
  })
}
