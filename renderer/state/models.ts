import { create } from 'zustand'
import type { ProposedDescription } from '../../electron/contract/models.ts'
import { call, client } from './queries.ts'

/** A model without a sidecar, whose description the user is asked to confirm. */
interface Described {
  readonly file: string
  readonly proposed: ProposedDescription
}

export const useDescribedModel = create<{ readonly model: Described | null }>(() => ({ model: null }))

/**
 * Adds a model; one without a sidecar is described in a form first.
 * @throws Error with the engine's sentence when the model cannot be used
 */
export async function addModel(file: string): Promise<void> {
  const proposed = await call('models.propose', { file })
  if (proposed !== null) {
    useDescribedModel.setState({ model: { file, proposed } })
    return
  }
  await call('models.add', { file })
  await client.invalidateQueries({ queryKey: ['models.list'] })
}
