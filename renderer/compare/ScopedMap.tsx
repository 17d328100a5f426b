import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import type { ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import type { Point } from '../atlas/cells.ts'
import { PLAIN } from '../atlas/look.ts'
import { NoMap } from '../atlas/NoMap.tsx'
import { outlines } from '../atlas/outlines.ts'
import type { SceneState } from '../atlas/scene-state.ts'
import { fetchSheet } from '../atlas/sheets.ts'
import { useScene, useSceneState } from '../atlas/use-scene.ts'
import { useProject } from '../state/project.ts'
import { reducedMotion } from '../state/settings.ts'
import { select, useView } from '../state/view.ts'
import { Empty, Failure } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { Axis, ZeroLine } from './Axis.tsx'
import { Backdrop } from './Backdrop.tsx'
import { CellTip } from './CellTip.tsx'
import css from './compare.module.css'
import { MapHead } from './MapHead.tsx'
import { withMirrored } from './mirrored.ts'
import { OriginMap } from './OriginMap.tsx'
import { openThere } from './open-there.ts'
import { Pending } from './Pending.tsx'
import { placeOutlines, useDetour } from './use-detour.ts'
import { useMapGestures } from './use-map.ts'
import { useOrigins } from './use-origins.ts'
import { ask, type Place } from './use-scoped.ts'
import { useScopedLevels } from './use-scoped-levels.ts'

interface ScopedMapProps {
  readonly id: number
  readonly place: Place
  readonly atlas: ScopedAtlas
  readonly classes: readonly number[]
  readonly panes: number
}

/** Icons of a part are few: a finer grid comes only once its icons are this large, CSS pixels. */
const COMFORTABLE = 56
const KEYS =
  'arrows move, plus and minus zoom, 0 shows all, Enter selects the middle, Alt and arrows go on from cell to cell'
const load = withMirrored(fetchSheet)
const plain = () => PLAIN

/** The map of a class atlas or of a comparison, with what lies over, under and beside it. */
export function ScopedMap({ id, place, classes, panes, atlas }: ScopedMapProps): ReactNode {
  const { source, asked } = place
  const { scope } = atlas
  const { key, className } = useProject()
  const root = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labels = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const [grid, setGrid] = useState<number | 'auto'>('auto')
  const [shown, setShown] = useState<number>()
  const [hover, setHover] = useState<{ readonly cell: number; readonly at: Point | null }>({ cell: -1, at: null })
  const swap = scope.kind === 'comparison' && scope.left !== classes[0]
  const { levels, comparison, error } = useScopedLevels(key, atlas, shown, swap)
  const level = levels.find(l => l.index.cells.grid === shown)
  const { selection, labels: naming, minimap } = useView()

  const scene = useScene({ stage, canvas, labels, minimap: chart, load, transparent: true }, id, panes, report => {
    setShown(report.grid)
    const { camera } = scene.current ?? {}
    if (!camera || !root.current) return
    // What is HTML follows the camera by these: axis, line at zero, backdrop.
    const { x, y } = camera.toScreen(0, 0)
    root.current.style.setProperty('--x0', `${x}px`)
    root.current.style.setProperty('--y0', `${y}px`)
    root.current.style.setProperty('--s', `${camera.scale}px`)
  })
  const { where, lost } = useOrigins(atlas, shown, source)
  const { detour, there, away, toggle, ready, find } = useDetour(atlas.id, level, where, lost, swap)

  const cell = selection?.pane === id ? selection.cells[0] : undefined
  const selected = useMemo(() => {
    if (!cell || !level || cell.atlas !== atlas.id || cell.grid !== shown) return -1
    return level.index.at(cell.i, swap ? cell.grid - 1 - cell.j : cell.j)
  }, [cell, level, atlas.id, shown, swap])
  const frames = useMemo(() => {
    const cells = level?.index.cells
    if (away && there && cells) return placeOutlines(there, cells.state, selected, hover.cell)
    const ref = (k: number) => ({ atlas: atlas.id, grid: cells!.grid, i: cells!.i[k]!, j: cells!.j[k]! })
    return outlines({
      cells,
      elsewhere: undefined,
      selected: cells && selected >= 0 ? [ref(selected)] : [],
      hovered: cells && hover.cell >= 0 && hover.cell < cells.i.length ? ref(hover.cell) : null,
      noted: [],
    })
  }, [level, selected, hover.cell, atlas.id, away, there])
  const state = useMemo(
    (): SceneState => ({
      levels,
      // Places in the whole atlas are known of the grid that is shown.
      grid: away && shown !== undefined ? shown : grid,
      density: 4,
      smallest: COMFORTABLE,
      look: plain,
      labels: naming,
      className,
      frames,
      reducedMotion: reducedMotion(),
      detour,
    }),
    [levels, grid, shown, away, naming, className, frames, detour],
  )
  useSceneState(scene, state)
  const onHover = useCallback((k: number, at: Point | null) => {
    setHover(before => (before.cell === k && k < 0 ? before : { cell: k, at }))
  }, [])
  const onPick = useCallback(
    (k: number) => {
      if (!level || k < 0) return select(null)
      const { i, j, grid: g } = level.index.cells
      select({ pane: id, cells: [{ atlas: atlas.id, grid: g, i: i[k]!, j: swap ? g - 1 - j[k]! : j[k]! }] })
    },
    [level, id, atlas.id, swap],
  )
  useMapGestures(stage, scene, { index: level?.index, find, selected, onHover, onPick })

  const marked = hover.cell >= 0 ? hover.cell : selected
  const pending = asked?.plan === atlas.plan && asked.job
  const names = classes.map(className)
  return (
    <div ref={root} className={css['inside']}>
      <MapHead
        atlas={atlas}
        grid={grid}
        shown={shown}
        onGrid={setGrid}
        away={where ? away : undefined}
        onAway={toggle}
      />
      {pending ? <Pending job={pending} slim onAgain={() => void ask([source], classes)} /> : null}
      <div className={css['stage']}>
        <Backdrop source={source} shown={away} />
        <div
          ref={stage}
          className={css['map']}
          style={ready ? undefined : { opacity: 0 }}
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a map that is moved by the keyboard must be reachable by it
          tabIndex={0}
          aria-label={`Map of ${names.join(' and ')} in ${source.layer}: ${KEYS}`}
        >
          <canvas ref={canvas} aria-hidden />
          <div ref={labels} className={css['labels']} aria-hidden />
          <div ref={chart} hidden />
        </div>
        {scope.kind === 'comparison' && !away && <ZeroLine scale={scope.scale} />}
        {minimap && where && level && (
          <OriginMap
            cells={where.cells}
            grid={where.grid}
            layer={source.layer}
            origins={where.origins}
            counts={level.index.cells.count}
            marked={marked}
            onOpen={() => openThere(source, where, marked >= 0 ? [marked] : [])}
          />
        )}
        {hover.at && hover.cell >= 0 && level && (
          <CellTip
            at={hover.at}
            width={stage.current?.clientWidth ?? 0}
            height={stage.current?.clientHeight ?? 0}
            index={level.index}
            cell={hover.cell}
            classes={classes}
            comparison={comparison}
          />
        )}
        {error ? <Failure error={error} /> : levels.length === 0 && <Empty title="Reading the atlas" busy />}
        <NoMap pane={id} />
      </div>
      {scope.kind === 'comparison' && <Axis scale={scope.scale} left={names[0]!} right={names[1]!} idle={away} />}
      <MapFoot atlas={atlas} shown={shown} />
    </div>
  )
}

/** What is shown of how much, and what else there is to say. */
function MapFoot({ atlas, shown }: { readonly atlas: ScopedAtlas; readonly shown: number | undefined }): ReactNode {
  const { scope, note, stage, samples } = atlas
  const grid = atlas.grids.find(g => g.grid === shown)
  const parts = [
    stage === 'first' && 'first look, a better layout is under way',
    grid &&
      `${number(grid.samplesShown)} of ${number(samples)} samples in ${number(grid.shown)} of ${number(grid.total)} cells`,
    grid && grid.finished < grid.shown && `${number(grid.shown - grid.finished)} icons to come`,
    scope.kind === 'comparison' && 'labels name the strongest third class',
    scope.kind === 'comparison' && scope.clipped > 0 && `${number(scope.clipped)} samples beyond the ends of the axis`,
  ]
  return (
    <footer className={css['foot']}>
      {note && <p className={css['note']}>{note}</p>}
      <p>{parts.filter(Boolean).join(' · ')}</p>
    </footer>
  )
}
