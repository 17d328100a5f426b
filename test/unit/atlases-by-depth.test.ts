import { expect, test } from 'vitest'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { byDepth } from '../../renderer/atlas/by-depth.ts'

const atlases = ['mixed4c', 'mixed3b', 'elsewhere', 'mixed5b', 'mixed3b'].map(
  (layer, index) => ({ id: index + 1, layer }) as AtlasSummary,
)
const model = { layers: ['mixed3b', 'mixed4c', 'mixed5b'].map(name => ({ name })) } as unknown as ModelInfo

test('atlases are in the order of their layers, those of one layer by age, unknown layers last', () => {
  expect(byDepth(atlases, model).map(({ id }) => id)).toEqual([2, 5, 1, 4, 3])
})

test('without a model they stay by age', () => {
  expect(byDepth(atlases, undefined)).toEqual(atlases)
})
