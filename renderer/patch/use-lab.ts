import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import type { ClassInfo, ModelInfo, Photograph } from '../../electron/contract/project.ts'
import type { Box } from '../../electron/contract/values.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { useLab } from './lab.ts'

interface LabModel {
  /** Undefined if the project has no model. */
  readonly model: ModelInfo | undefined
  readonly classes: readonly ClassInfo[]
  readonly className: (index: number) => string
}

/** A model and its classes. @param hash null: the model of the active pane */
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
export function useLabModel(): LabModel {
  return useModel(useLab(state => state.model))
}

/** The records of patches, including those removed from the gallery. */
export function usePatches(ids: readonly number[]): ReadonlyMap<number, PatchRecord> {
  const unique = [...new Set(ids)]
  return useQueries({
    queries: unique.map(patch => ({
      queryKey: ['patch.get', { patch }],
      queryFn: () => call('patch.get', { patch }),
    })),
    combine: results => new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const]))),
  })
}

/** The part of a photograph that is the model's input: its size in pixels of the photograph, and its box. */
export interface InputRegion {
  readonly width: number
  readonly height: number
  /** Null: the whole photograph. */
  readonly box: Box | null
}

export function inputRegionOf({ width, height }: Photograph, model: ModelInfo): InputRegion {
  const central = model.preprocessing.some(({ name, value }) => name === 'resize' && value === 'crop')
  if (!central || width === height) return { width, height, box: null }
  const edge = Math.min(width, height)
  const [x, y] = [(1 - edge / width) / 2, (1 - edge / height) / 2]
  return { width: edge, height: edge, box: { left: x, top: y, right: 1 - x, bottom: 1 - y } }
}
