import { create } from 'zustand'
import type { ProposedDescription } from '../../electron/contract/models.ts'
import { call, client } from './queries.ts'

/** A model without a sidecar, whose description is to be confirmed by the user. */
export interface Described {
  readonly file: string
  readonly proposed: ProposedDescription
}

/** Models that are to be described, of several that were dropped at once one after the other. */
export const useDescribedModels = create<readonly Described[]>(() => [])

/** The description of a model was saved or given up: the next one follows. */
export function endDescription({ file }: Described): void {
  useDescribedModels.setState(waiting => waiting.filter(one => one.file !== file), true)
}

/**
 * Adds a model; one without a sidecar is described in a form first.
 * @throws Error with the engine's sentence when the model cannot be used
 */
export async function addModel(file: string): Promise<void> {
  const proposed = await call('models.propose', { file })
  if (proposed !== null) {
    useDescribedModels.setState(waiting => [...waiting.filter(one => one.file !== file), { file, proposed }], true)
    return
  }
  await call('models.add', { file })
  await client.invalidateQueries({ queryKey: ['models.list'] })
}
