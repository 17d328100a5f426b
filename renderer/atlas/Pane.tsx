import { Columns2, Maximize2, Minimize2, X } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import {
  activate,
  addPane,
  cameraOf,
  change,
  changePane,
  closePane,
  MOST_PANES,
  type PaneState,
  select,
  useHover,
  useView,
} from '../state/view.ts'
import { Empty, Failure, IconButton, join, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { type CellIndex, cellsInside, type Point } from './cells.ts'
import type { Frame } from './frames.ts'
import { attachGestures } from './gestures.ts'
import { Legend } from './Legend.tsx'
import css from './pane.module.css'
import type { SceneState } from './scene.ts'
import { type Followed, useShown } from './use-elsewhere.ts'
import { useLevels, useLook } from './use-levels.ts'
import { link, useScene, useSceneState } from './use-scene.ts'

interface PaneProps {
  readonly pane: PaneState
  readonly project: string
  readonly atlases: readonly AtlasSummary[]
  readonly followed: Followed | null
  readonly className: (index: number) => string
}

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches
const WHITE = [255, 255, 255] as const
const BLUE = [138, 184, 240] as const
const GOLD = [246, 200, 92] as const

const frameOf = (
  cell: { grid: number; i: number; j: number },
  rest: Pick<Frame, 'colour' | 'opacity' | 'width'>,
): Frame => ({
  x: cell.j / cell.grid,
  y: cell.i / cell.grid,
  side: 1 / cell.grid,
  ...rest,
})

export function Pane({ pane, project, atlases, followed, className }: PaneProps): ReactNode {
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labelBox = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const atlas = atlases.find(a => a.id === pane.atlas) ?? atlases[0]
  const { levels, error } = useLevels(project, atlas)
  const { look, legend, known } = useLook(atlas, pane.filter)
  const { labels, minimap, linked, selection, panes, active, maximised } = useView()
  const hover = useHover(state => (state.pane === pane.id ? state.cell : null))
  const [grid, setGrid] = useState<number>()
  const [tip, setTip] = useState<Point | null>(null)
  const [line, setLine] = useState<readonly Point[]>([])

  const scene = useScene({ stage, canvas, labels: labelBox, minimap: chart }, panes.length, report =>
    setGrid(report.grid),
  )
  const level = levels.find(l => l.index.cells.grid === grid)

  const followedHere = useMemo(() => {
    if (!followed || followed.pane === pane.id || !level || !atlas) return undefined
    return followed.places.find(p => p.atlas === atlas.id && p.grid === level.index.cells.grid)
  }, [followed, pane.id, level, atlas])

  const frames = useMemo((): readonly Frame[] => {
    const list: Frame[] = []
    if (followedHere && level) {
      const { cells } = level.index
      const most = Math.max(1, ...followedHere.counts)
      followedHere.cells.forEach((k, at) => {
        const part = followedHere.counts[at]! / most
        const cell = { grid: cells.grid, i: cells.i[k]!, j: cells.j[k]! }
        list.push(frameOf(cell, { colour: GOLD, opacity: 0.35 + 0.65 * part, width: 1.5 + 1.5 * part }))
      })
    }
    if (selection?.pane === pane.id) {
      for (const cell of selection.cells) list.push(frameOf(cell, { colour: BLUE, opacity: 1, width: 2.5 }))
    }
    if (hover) list.push(frameOf(hover, { colour: WHITE, opacity: 1, width: 2 }))
    return list
  }, [followedHere, level, selection, hover, pane.id])

  const state = useMemo(
    (): SceneState => ({
      levels,
      grid: pane.grid,
      density: pane.density,
      look,
      labels,
      className,
      frames,
      reducedMotion: reducedMotion(),
    }),
    [levels, pane.grid, pane.density, look, labels, className, frames],
  )
  useSceneState(scene, state)

  useEffect(() => {
    if (atlas && level) useShown.setState({ [pane.id]: { atlas: atlas.id, index: level.index } })
  }, [atlas, level, pane.id])
  useEffect(() => () => useShown.setState({ [pane.id]: undefined }), [pane.id])

  const cellAt = useCallback(
    (at: Point): CellRef | null => {
      const here = scene.current
      if (!here || !level || !atlas) return null
      const world = here.camera.toWorld(at.x, at.y)
      const k = level.index.near(world.x, world.y)
      const { cells } = level.index
      return k < 0 ? null : { atlas: atlas.id, grid: cells.grid, i: cells.i[k]!, j: cells.j[k]! }
    },
    [scene, level, atlas],
  )

  useEffect(() => {
    const here = scene.current
    if (!here || !stage.current) return
    const rest = (): void => change({ cameras: { ...useView.getState().cameras, [pane.id]: here.camera.goal } })
    let timer: ReturnType<typeof setTimeout>
    const own = (): readonly CellRef[] => {
      const now = useView.getState().selection
      return now?.pane === pane.id ? now.cells : []
    }
    return attachGestures(stage.current, {
      camera: here.camera,
      lassoing: () => useView.getState().lasso,
      clear: () => select(null),
      moved: movement => {
        link.follow(here.camera, movement)
        here.redraw()
        clearTimeout(timer)
        timer = setTimeout(rest, 250)
      },
      hover: at => {
        setTip(at)
        const cell = at && cellAt(at)
        const now = useHover.getState()
        if (
          cell?.i !== now.cell?.i ||
          cell?.j !== now.cell?.j ||
          cell?.grid !== now.cell?.grid ||
          now.pane !== pane.id
        ) {
          useHover.setState({ pane: pane.id, cell })
        }
      },
      pick: (at, extend) => {
        const cell = cellAt(at)
        activate(pane.id)
        if (!cell) return extend ? undefined : select(null)
        const others = own().filter(c => c.grid === cell.grid && !(c.i === cell.i && c.j === cell.j))
        const had = own().some(c => c.grid === cell.grid && c.i === cell.i && c.j === cell.j)
        select({ pane: pane.id, cells: extend ? (had ? others : [...others, cell]) : [cell] })
      },
      lasso: (drawn, finished, extend) => {
        setLine(finished ? [] : drawn.slice())
        if (!finished || !level || !atlas) return
        const { cells } = level.index
        const found = cellsInside(
          cells,
          drawn.map(p => here.camera.toWorld(p.x, p.y)),
        )
        const refs = found.map(k => ({ atlas: atlas.id, grid: cells.grid, i: cells.i[k]!, j: cells.j[k]! }))
        const kept = extend
          ? own().filter(c => c.grid === cells.grid && !refs.some(r => r.i === c.i && r.j === c.j))
          : []
        activate(pane.id)
        select({ pane: pane.id, cells: [...kept, ...refs] })
      },
      walk: (di, dj, extend) => {
        const from = own()[0]
        if (!from || !level || level.index.at(from.i + di, from.j + dj) < 0) return
        const next = { ...from, i: from.i + di, j: from.j + dj }
        const others = own().filter(c => c.i !== next.i || c.j !== next.j)
        // The first one selected is the one that the inspector shows, and from which one walks on.
        select({ pane: pane.id, cells: extend ? [next, ...others] : [next] })
      },
    })
  }, [scene, cellAt, level, atlas, pane.id])

  useEffect(() => {
    const here = scene.current
    if (!here) return
    here.camera.go(cameraOf(pane.id), 'instant')
    here.redraw()
    // Menus and links set where a pane looks; what came from the pane itself is its goal already.
    return useView.subscribe((now, before) => {
      const view = now.cameras[pane.id]
      if (!view || view === before.cameras[pane.id] || view === here.camera.goal) return
      here.camera.go(view)
      link.follow(here.camera, 'smooth')
      here.redraw()
    })
  }, [scene, pane.id])
  useEffect(
    () => (linked && scene.current ? link.join(scene.current.camera, scene.current.redraw) : undefined),
    [scene, linked],
  )

  const summary = atlas?.grids.find(g => g.grid === grid)
  const tipCell = hover && level ? level.index.at(hover.i, hover.j) : -1
  return (
    <section
      className={join(css['pane'], active === pane.id && panes.length > 1 && css['active'])}
      aria-label={atlas ? `Atlas ${atlas.layer}` : 'Pane'}
      onPointerDownCapture={() => activate(pane.id)}
    >
      <header className={css['head']}>
        <Select
          label="Atlas"
          value={atlas?.id ?? ''}
          onChange={e => changePane(pane.id, { atlas: Number(e.target.value) })}
        >
          {atlases.map(a => (
            <option key={a.id} value={a.id}>
              {atlases.filter(o => o.layer === a.layer).length > 1 ? `${a.layer} · ${a.name}` : a.layer}
            </option>
          ))}
        </Select>
        <Select
          label="Grid"
          value={pane.grid}
          onChange={e => changePane(pane.id, { grid: e.target.value === 'auto' ? 'auto' : Number(e.target.value) })}
        >
          <option value="auto">{grid ? `Grid ${grid}, by zoom` : 'Grid by zoom'}</option>
          {atlas?.grids.map(g => (
            <option key={g.grid} value={g.grid}>{`${g.grid} × ${g.grid}`}</option>
          ))}
        </Select>
        <Select
          label="Icon size"
          value={pane.density}
          onChange={e => changePane(pane.id, { density: Number(e.target.value) })}
        >
          <option value={0.5}>Sized strongly</option>
          <option value={2}>Sized by density</option>
          <option value={1e9}>Full size</option>
        </Select>
        <span className={css['spacer']} />
        {panes.length < MOST_PANES && (
          <IconButton
            label="Add a pane"
            onClick={() => {
              activate(pane.id)
              addPane()
            }}
          >
            <Columns2 size={16} aria-hidden />
          </IconButton>
        )}
        {panes.length > 1 && (
          <>
            <IconButton
              label={maximised === pane.id ? 'Show all panes' : 'Maximise'}
              onClick={() => change({ maximised: maximised === pane.id ? null : pane.id })}
            >
              {maximised === pane.id ? <Minimize2 size={16} aria-hidden /> : <Maximize2 size={16} aria-hidden />}
            </IconButton>
            <IconButton label="Close pane" onClick={() => closePane(pane.id)}>
              <X size={16} aria-hidden />
            </IconButton>
          </>
        )}
      </header>
      <div
        ref={stage}
        className={css['stage']}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a map that is moved by the keyboard must be reachable by it
        tabIndex={0}
        aria-label={`Map of ${atlas?.layer ?? 'nothing'}: arrows move, plus and minus zoom, 0 shows all, Enter selects the middle, Alt and arrows go on from cell to cell`}
      >
        <canvas ref={canvas} aria-hidden />
        <div ref={labelBox} className={css['labels']} aria-hidden />
        {line.length > 1 && (
          <svg className={css['lasso']} aria-hidden>
            <path d={`M${line.map(p => `${p.x},${p.y}`).join('L')}Z`} />
          </svg>
        )}
        {level && <Legend pane={pane} legend={legend(level.index.cells.grid)} known={known} className={className} />}
        <div className={css['minimap']} hidden={!minimap || !level}>
          <div ref={chart} className={css['chart']} aria-hidden />
        </div>
        {followedHere && (
          <p className={css['followed']}>
            {followedHere.aligned
              ? `${number(followedHere.counts.reduce((a, b) => a + b, 0))} of these samples here${followedHere.hidden > 0 ? `, ${number(followedHere.hidden)} in cells not shown` : ''}`
              : 'Made from other samples than these'}
          </p>
        )}
        {tip && hover && tipCell >= 0 && level && (
          <Tip
            at={tip}
            width={stage.current?.clientWidth ?? 0}
            index={level.index}
            cell={tipCell}
            className={className}
          />
        )}
        {error ? (
          <Failure error={error} />
        ) : !atlas ? (
          <Empty title="No atlas yet" />
        ) : (
          levels.length === 0 && <Empty title="Reading the atlas" busy />
        )}
      </div>
      <footer className={css['foot']}>
        {summary && (
          <span>{`${number(summary.samplesShown)} of ${number(atlas?.samples ?? 0)} samples, ${number(summary.shown)} of ${number(summary.total)} cells shown`}</span>
        )}
        {summary && summary.finished < summary.shown && (
          <span>{`· ${number(summary.shown - summary.finished)} icons still to come`}</span>
        )}
      </footer>
    </section>
  )
}

interface TipProps {
  readonly at: Point
  readonly width: number
  readonly index: CellIndex
  readonly cell: number
  readonly className: (index: number) => string
}

function Tip({ at, width, index, cell, className }: TipProps): ReactNode {
  const { cells } = index
  const label = cells.label[cell]!
  const fidelity = cells.fidelity[cell]!
  const left = at.x > width - 250
  return (
    <div
      className={css['tip']}
      style={{ top: at.y + 16, ...(left ? { right: width - at.x + 12 } : { left: at.x + 14 }) }}
    >
      <strong>{label < 0 ? 'no class known' : className(label)}</strong>
      {label >= 0 && `for ${Math.round(100 * cells.share[cell]!)} % of `}
      {`${number(cells.count[cell]!)} samples`}
      {Number.isNaN(fidelity) ? ' · icon still to come' : ` · fidelity ${fidelity.toFixed(2)}`}
    </div>
  )
}
