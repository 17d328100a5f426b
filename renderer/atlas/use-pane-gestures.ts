import { type RefObject, useEffect } from 'react'
import type { CellRef } from '../../electron/contract/values.ts'
import { activate, change, lookAt, select, useHover, useView } from '../state/view.ts'
import { cellsInside, type Point } from './cells.ts'
import { attachGestures } from './gestures.ts'
import type { AtlasScene } from './scene.ts'
import type { Level } from './scene-state.ts'
import { link } from './use-scene.ts'

interface PaneGestures {
  readonly id: number
  readonly atlas: number | undefined
  readonly level: Level | undefined
  /** Where the pointer is, in CSS pixels of the pane. */
  readonly onPointer: (at: Point | null) => void
  /** The lasso as it is drawn; empty when it is done. */
  readonly onLine: (line: readonly Point[]) => void
}

/** The camera is saved after it has rested this long, ms. */
const REST = 250

/** Pointer and keyboard over a pane: camera, hover and selection. */
export function usePaneGestures(
  stage: RefObject<HTMLElement | null>,
  scene: RefObject<AtlasScene | null>,
  { id, atlas, level, onPointer, onLine }: PaneGestures,
): void {
  useEffect(() => {
    const current = scene.current
    if (!current || !stage.current) return
    let timer: ReturnType<typeof setTimeout>
    const own = (): readonly CellRef[] => {
      const { selection } = useView.getState()
      return selection?.pane === id ? selection.cells : []
    }
    const refOf = (k: number): CellRef => {
      const { grid, i, j } = level!.index.cells
      return { atlas: atlas!, grid, i: i[k]!, j: j[k]! }
    }
    const cellAt = (at: Point): CellRef | null => {
      if (!level || atlas === undefined) return null
      const { x, y } = current.camera.toWorld(at.x, at.y)
      const k = level.index.near(x, y)
      return k < 0 ? null : refOf(k)
    }
    const end = attachGestures(stage.current, {
      camera: current.camera,
      lassoing: () => useView.getState().lasso,
      clear: () => select(null),
      moved: movement => {
        link.follow(current.camera, movement)
        current.redraw()
        clearTimeout(timer)
        timer = setTimeout(() => lookAt(id, current.camera.goal), REST)
      },
      hover: at => {
        onPointer(at)
        const cell = at && cellAt(at)
        const now = useHover.getState()
        if (now.pane !== id || !same(cell, now.cell)) useHover.setState({ pane: id, cell })
      },
      pick: (at, extend) => {
        const cell = cellAt(at)
        activate(id)
        if (!cell) return extend ? undefined : select(null)
        const others = own().filter(c => c.grid === cell.grid && !same(c, cell))
        const selected = own().some(c => same(c, cell))
        select({ pane: id, cells: extend ? (selected ? others : [...others, cell]) : [cell] })
      },
      lasso: (drawn, finished, extend) => {
        onLine(finished ? [] : drawn.slice())
        if (!finished || !level || atlas === undefined) return
        const line = drawn.map(p => current.camera.toWorld(p.x, p.y))
        const found = cellsInside(level.index.cells, line).map(refOf)
        const retained = extend
          ? own().filter(c => c.grid === level.index.cells.grid && !found.some(f => same(c, f)))
          : []
        activate(id)
        change({ lasso: false })
        select({ pane: id, cells: [...retained, ...found] })
      },
      walk: (di, dj, extend) => {
        const from = own()[0]
        const k = from && level ? level.index.at(from.i + di, from.j + dj) : -1
        if (k < 0) return
        const next = refOf(k)
        // The first selected cell is the one in the inspector, and the start of the next step.
        select({ pane: id, cells: extend ? [next, ...own().filter(c => !same(c, next))] : [next] })
      },
    })
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [stage, scene, id, atlas, level, onPointer, onLine])
}

const same = (a: CellRef | null, b: CellRef | null): boolean =>
  a === b || (a !== null && b !== null && a.grid === b.grid && a.i === b.i && a.j === b.j)
