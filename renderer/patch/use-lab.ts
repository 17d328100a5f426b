import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import type { ClassInfo, ModelInfo, Photograph } from '../../electron/contract/project.ts'
import type { Box } from '../../electron/contract/values.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { useLab } from './lab.ts'

export interface LabModel {
  /** Undefined: the project has none yet. */
  readonly model: ModelInfo | undefined
  readonly classes: readonly ClassInfo[]
  readonly className: (index: number) => string
}

/** A model and the names of its classes. @param hash null: that of the project's active pane */
export function useModel(hash: string | null): LabModel {
  const project = useProject()
  const model = project.models.find(m => m.hash === hash) ?? project.model
  const { data } = useCall('classes.list', model ? { model: model.hash } : null)
  return useMemo(
    () => ({ model, classes: data ?? [], className: index => data?.[index]?.title ?? `class ${index}` }),
    [model, data],
  )
}

/** The model of the lab. */
export const useLabModel = (): LabModel => useModel(useLab(state => state.model))

/** What is known of patches, also of those that are no longer in the gallery. */
export function usePatches(ids: readonly number[]): ReadonlyMap<number, PatchRecord> {
  const wanted = [...new Set(ids)]
  return useQueries({
    queries: wanted.map(patch => ({
      queryKey: ['patch.get', { patch }],
      queryFn: () => call('patch.get', { patch }),
    })),
    combine: answers => new Map(answers.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const]))),
  })
}

/** What of a photograph the network sees: its size in the photograph's own pixels, and where it lies in it. */
export interface Seen {
  readonly width: number
  readonly height: number
  /** Null: all of it. */
  readonly box: Box | null
}

export function seenOf({ width, height }: Photograph, model: ModelInfo): Seen {
  const central = model.preprocessing.some(({ name, value }) => name === 'resize' && value === 'crop')
  if (!central || width === height) return { width, height, box: null }
  const edge = Math.min(width, height)
  const [x, y] = [(1 - edge / width) / 2, (1 - edge / height) / 2]
  return { width: edge, height: edge, box: { left: x, top: y, right: 1 - x, bottom: 1 - y } }
}
