import { expect, test } from 'vitest'
import { PRESETS } from '../../../electron/contract/presets.ts'
import { addAtlas, finishAtlas, removeAtlas } from '../../../electron/engine/store/atlases.ts'
import { type Cell, listCells, listGrids, putCells } from '../../../electron/engine/store/cells.ts'
import { addClassAtlasAtlas } from '../../../electron/engine/store/class-atlases.ts'
import { type GridState, gridStates, gridStatesOf } from '../../../electron/engine/store/grid-states.ts'
import { findIcon, type Icon, putIcons } from '../../../electron/engine/store/icons.ts'
import { addLayout } from '../../../electron/engine/store/layouts.ts'
import { appendSamples } from '../../../electron/engine/store/samples.ts'
import type { Readable, Writable } from '../../../electron/engine/store/sql.ts'
import { emptySet, markedRows, samplesOf, temporaryProject } from './project.ts'

const cell = (j: number, icon: string | null): Cell => ({
  ...{ i: 0, j, count: j + 1, x: 0.25, y: 0.75, label: null, share: null, top: null },
  direction: icon === null ? null : Float32Array.of(j, 0, 0.5),
  icon,
})
const icon = (key: string, { draft = false } = {}): Icon => ({
  ...{ key, status: 'ok', attempts: 1, size: 8, fidelity: 0.7, robustFidelity: 0.6, objective: 1, seed: 1 },
  ...{ runtime: 'cpu', batch: 1, activation: null, webp: Uint8Array.of(1) },
  preset: { name: 'draft', ...PRESETS.notebook.inversion, ...(draft && { draft: true }) },
})

const laidOut = (db: Writable) => {
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 3 }])
  appendSamples(db, set.id, 0, samplesOf(image, 2), new Map([['mixed4c', markedRows(0, 2, 3)]]))
  const layout = addLayout(
    db,
    {
      ...{ key: 'layout', set: set.id, tensor: 'mixed4c', layer: 'mixed4c', name: 'default', seed: 3, n: 2 },
      ...{ params: {}, trustworthiness: 0.9, notes: {} },
    },
    Float32Array.of(0, 0.5, 1, 0.25),
  )
  return (key: string) =>
    ({
      ...{ key, name: key, set: set.id, tensor: 'mixed4c', layer: 'mixed4c', layout, classifier: null },
      attribution: 'exact' as const,
      ...{ whitening: {}, preset: {}, created: 5 },
    }) as const
}

/** Counted one by one. @param atlases their ids */
const counted = (db: Readable, atlases: readonly number[]): GridState[] =>
  atlases.flatMap(atlas =>
    listGrids(db, atlas).map(({ grid }) => {
      const cells = listCells(db, atlas, grid)
      const shown = cells.filter(each => each.icon !== null)
      const sum = (of: readonly Cell[]): number => of.reduce((total, { count }) => total + count, 0)
      const states = shown.map(each => {
        const found = findIcon(db, each.icon!)
        return found === undefined ? 0 : (found.preset as { draft?: boolean }).draft ? 1 : 2
      })
      return {
        ...{ atlas, grid, cells: cells.length, shown: shown.length, samples: sum(cells), samplesShown: sum(shown) },
        finished: states.filter(state => state === 2).length,
        revision: states.reduce<number>((total, state) => total + state, 0),
      }
    }),
  )

test('the progress of grids is what a count of their cells and icons results in, after every change', () => {
  const db = temporaryProject()
  const atlasOf = laidOut(db)
  expect(gridStates(db)).toEqual([])
  const whole = addAtlas(db, atlasOf('whole'))
  const scoped = { plan: 'plan', base: whole.id, scope: { kind: 'class' } }
  const part = addClassAtlasAtlas(db, { ...atlasOf('part'), ...scoped })
  const other = addAtlas(db, atlasOf('other'))
  let ids = [whole.id, part.id, other.id]
  const agree = (): void => {
    expect(gridStates(db)).toEqual(counted(db, ids))
    for (const id of ids) expect(gridStatesOf(db, id)).toEqual(counted(db, [id]))
  }
  const changes: (() => unknown)[] = [
    () => putCells(db, whole.id, 10, [cell(0, 'a'), cell(1, 'b'), cell(2, null)]),
    () => putIcons(db, [icon('a', { draft: true }), icon('b')]),
    () => putIcons(db, [icon('a')]),
    () => finishAtlas(db, whole.id, 7),
    // A further grid of a finished atlas, and its icons.
    () => putCells(db, whole.id, 20, [cell(0, 'c'), cell(1, 'a')]),
    () => putIcons(db, [icon('c')]),
    () => putCells(db, part.id, 8, [cell(0, 'a'), cell(1, 'd')]),
    () => putIcons(db, [icon('d')]),
    () => finishAtlas(db, part.id, 8),
    // The refined layout replaces the cells of a class atlas.
    () => putCells(db, part.id, 8, [cell(0, 'a'), cell(1, 'e')]),
    () => putCells(db, other.id, 10, [cell(5, 'f')]),
    () => finishAtlas(db, other.id, 9),
    () => putIcons(db, [icon('f')]),
    () => {
      removeAtlas(db, other.id)
      ids = [whole.id, part.id]
    },
    // Its number is free again, and another atlas gets it.
    () => {
      const next = addAtlas(db, atlasOf('next'))
      putCells(db, next.id, 10, [cell(0, 'b'), cell(1, 'g')])
      finishAtlas(db, next.id, 9)
      ids = [whole.id, part.id, next.id]
    },
  ]
  for (const change of changes) {
    change()
    agree()
    agree()
  }
})

test('cells of a finished atlas whose icons are all there are counted once', () => {
  const db = temporaryProject()
  const atlasOf = laidOut(db)
  const [first, second] = [addAtlas(db, atlasOf('first')), addAtlas(db, atlasOf('second'))]
  for (const { id } of [first, second]) putCells(db, id, 10, [cell(0, `${id}`)])
  putIcons(db, [icon(`${first.id}`)])
  for (const { id } of [first, second]) finishAtlas(db, id, 7)
  const counts: unknown[] = []
  const watched: Readable = Object.assign(Object.create(db) as Readable, {
    file: db.file,
    all: (query: Parameters<Readable['all']>[0], params: object) => {
      if (/count\(\*\)/.test(query.text)) counts.push((params as { atlas?: number }).atlas ?? 'all')
      return db.all(query, params)
    },
    snapshot: <Result>(body: () => Result) => body(),
  })
  const before = gridStates(watched)
  expect(gridStates(watched)).toEqual(before)
  // The icon of the second is missing: it is counted again, and the first is not.
  expect(counts).toEqual(['all', second.id])
})
