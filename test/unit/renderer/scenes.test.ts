import { expect, it } from 'vitest'
import { views } from '../../../electron/contract/views.ts'
import { SCENE_OF_VIEW, scenes } from '../../../renderer/dev/scenes.ts'

it('every view has a scene of its own for development', () => {
  const named = views.map(({ id }) => SCENE_OF_VIEW[id])
  expect(named.filter(name => !(name in scenes))).toEqual([])
  expect(new Set(named).size).toBe(views.length)
})
