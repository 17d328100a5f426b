import { MapPinned, Trash2 } from 'lucide-react'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import type { ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import { HOME } from '../atlas/camera.ts'
import type { Point } from '../atlas/cells.ts'
import type { Frame } from '../atlas/frames.ts'
import { PLAIN } from '../atlas/look.ts'
import type { SceneState } from '../atlas/scene-state.ts'
import { fetchSheet } from '../atlas/sheets.ts'
import { useScene, useSceneState } from '../atlas/use-scene.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, client } from '../state/queries.ts'
import { askedKey, remember } from '../state/scopes.ts'
import { reducedMotion } from '../state/settings.ts'
import { activePane, changePane, lookAt, select, show, useView } from '../state/view.ts'
import { Empty, Failure, IconButton, join, Select } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { Axis, ZeroLine } from './Axis.tsx'
import { CellTip } from './CellTip.tsx'
import css from './compare.module.css'
import { withMirrored } from './mirrored.ts'
import { OriginMap } from './OriginMap.tsx'
import { Pending } from './Pending.tsx'
import { countsOf, filterText } from './plans.ts'
import { useMapGestures } from './use-map.ts'
import { useOrigins } from './use-origins.ts'
import { ask, type Place } from './use-scoped.ts'
import { useScopedLevels } from './use-scoped-levels.ts'

interface ScopedPaneProps {
  /** Names the pane's part of the selection; those of the atlas view are smaller. */
  readonly id: number
  readonly place: Place
  /** As they are drawn: of a comparison, left and right. */
  readonly classes: readonly number[]
  readonly panes: number
}

const WHITE = [255, 255, 255] as const
const BLUE = [138, 184, 240] as const
/** Icons of a part are few: a finer grid comes only once its icons are this large, CSS pixels. */
const COMFORTABLE = 56
const load = withMirrored(fetchSheet)

/** One class atlas or comparison, or the job that makes it. */
export function ScopedPane(props: ScopedPaneProps): ReactNode {
  const { place, classes } = props
  const { source, atlas, asked } = place
  const { className } = useProject()
  const again = (): void => void ask([source], classes)
  return (
    <section className={css['pane']} aria-label={`${source.layer}: ${classes.map(className).join(' and ')}`}>
      {atlas ? (
        // Another atlas is another scene: cameras, hover and grids do not carry over.
        <ScopedMap key={atlas.id} {...props} atlas={atlas} />
      ) : (
        <>
          <header className={css['head']}>
            <h2>{source.layer}</h2>
          </header>
          <div className={css['stage']}>
            {asked?.job ? (
              <Pending job={asked.job} slim={false} onAgain={again} />
            ) : (
              <Empty
                title={classes.length === 1 ? `No class atlas of ${className(classes[0]!)} yet` : 'Not compared yet'}
              >
                <p>
                  {classes.length === 1
                    ? 'The counts above say how many samples it would hold. Making one takes seconds; its icons come after.'
                    : 'The counts above say how many samples speak for either class. Comparing takes seconds; icons come after.'}
                </p>
              </Empty>
            )}
          </div>
        </>
      )}
    </section>
  )
}

function ScopedMap({ id, place, classes, panes, atlas }: ScopedPaneProps & { readonly atlas: ScopedAtlas }): ReactNode {
  const { source, asked } = place
  const { key, className } = useProject()
  const root = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labels = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const [grid, setGrid] = useState<number | 'auto'>('auto')
  const [shown, setShown] = useState<number>()
  const [hover, setHover] = useState<{ readonly cell: number; readonly at: Point | null }>({ cell: -1, at: null })
  const swap = atlas.scope.kind === 'comparison' && atlas.scope.left !== classes[0]
  const { levels, comparison, error } = useScopedLevels(key, atlas, shown, swap)
  const level = levels.find(l => l.index.cells.grid === shown)

  const scene = useScene({ stage, canvas, labels, minimap: chart, load }, id, panes, report => {
    setShown(report.grid)
    const { camera } = scene.current ?? {}
    if (!camera || !root.current) return
    const { x, y } = camera.toScreen(0, 0)
    root.current.style.setProperty('--x0', `${x}px`)
    root.current.style.setProperty('--y0', `${y}px`)
    root.current.style.setProperty('--s', `${camera.scale}px`)
  })
  const { selection, labels: naming, minimap } = useView()
  const cell = selection?.pane === id ? selection.cells[0] : undefined
  const selected = useMemo(() => {
    if (!cell || !level || cell.atlas !== atlas.id || cell.grid !== shown) return -1
    const column = swap ? cell.grid - 1 - cell.j : cell.j
    return level.index.at(cell.i, column)
  }, [cell, level, atlas.id, shown, swap])

  const frames = useMemo((): readonly Frame[] => {
    if (!level) return []
    const { cells } = level.index
    const of = (k: number, colour: Frame['colour'], width: number): Frame => ({
      x: cells.j[k]! / cells.grid,
      y: cells.i[k]! / cells.grid,
      side: 1 / cells.grid,
      colour,
      opacity: 1,
      width,
    })
    return [
      ...(selected >= 0 ? [of(selected, BLUE, 2.5)] : []),
      ...(hover.cell >= 0 && hover.cell < cells.i.length ? [of(hover.cell, WHITE, 2)] : []),
    ]
  }, [level, selected, hover.cell])
  const state = useMemo(
    (): SceneState => ({
      levels,
      grid,
      density: 4,
      smallest: COMFORTABLE,
      look: () => PLAIN,
      labels: naming,
      className,
      frames,
      reducedMotion: reducedMotion(),
    }),
    [levels, grid, naming, className, frames],
  )
  useSceneState(scene, state)
  const onHover = useCallback((k: number, at: Point | null) => {
    setHover(before => (before.cell === k && k < 0 ? before : { cell: k, at }))
  }, [])
  const onPick = useCallback(
    (k: number) => {
      if (!level || k < 0) return select(null)
      const { i, j, grid: g } = level.index.cells
      const column = swap ? g - 1 - j[k]! : j[k]!
      select({ pane: id, cells: [{ atlas: atlas.id, grid: g, i: i[k]!, j: column }] })
    },
    [level, id, atlas.id, swap],
  )
  useMapGestures(stage, scene, { index: level?.index, selected, onHover, onPick })

  const where = useOrigins(atlas, shown, source)
  const marked = hover.cell >= 0 ? hover.cell : selected
  const openThere = (): void => {
    if (!where) return
    const chosen = marked >= 0 ? [where.origins.cell[marked]!] : [...where.origins.cell]
    const there = [...new Set(chosen)].filter(k => k < where.cells.i.length)
    const pane = activePane().id
    changePane(pane, { atlas: source.id, grid: where.grid })
    lookAt(pane, HOME)
    show('atlas')
    select({
      pane,
      cells: there.map(k => ({ atlas: source.id, grid: where.grid, i: where.cells.i[k]!, j: where.cells.j[k]! })),
    })
  }
  const summary = atlas.grids.find(g => g.grid === shown)
  const { scope } = atlas
  const pending = asked?.plan === atlas.plan && asked.job
  return (
    <div ref={root} className={css['inside']}>
      <header className={css['head']}>
        <h2>{source.layer}</h2>
        <span className={css['what']} title={countsOf(scope, className)}>
          {`${number(scope.counts.after)} of ${number(scope.counts.before)} samples · ${filterText(scope.filter)}`}
        </span>
        <Select
          label="Grid"
          value={grid}
          onChange={event => setGrid(event.target.value === 'auto' ? 'auto' : Number(event.target.value))}
        >
          <option value="auto">{shown ? `Grid ${shown}, by zoom` : 'Grid by zoom'}</option>
          {atlas.grids.map(g => (
            <option key={g.grid} value={g.grid}>{`${g.grid} × ${g.grid}`}</option>
          ))}
        </Select>
        <IconButton
          label={`Open these cells in the whole atlas of ${source.layer}`}
          onClick={openThere}
          disabled={!where}
        >
          <MapPinned size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={`Remove this ${scope.kind === 'class' ? 'class atlas' : 'comparison'}`}
          onClick={() =>
            void attempt(async () => {
              await call('classAtlas.remove', { atlas: atlas.id })
              remember(askedKey(source.id, classes), undefined)
              await client.invalidateQueries({ queryKey: ['classAtlas.list'] })
            })
          }
        >
          <Trash2 size={16} aria-hidden />
        </IconButton>
      </header>
      {pending ? <Pending job={pending} slim onAgain={() => void ask([source], classes)} /> : <span hidden />}
      <div
        ref={stage}
        className={join(css['stage'], css['map'])}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a map that is moved by the keyboard must be reachable by it
        tabIndex={0}
        aria-label={`Map of ${classes.map(className).join(' and ')} in ${source.layer}: arrows move, plus and minus zoom, 0 shows all, Enter selects the middle, Alt and arrows go on from cell to cell`}
      >
        <canvas ref={canvas} aria-hidden />
        {scope.kind === 'comparison' && <ZeroLine scale={scope.scale} />}
        <div ref={labels} className={css['labels']} aria-hidden />
        <div ref={chart} hidden />
        {minimap && where && level && (
          <OriginMap
            cells={where.cells}
            grid={where.grid}
            layer={source.layer}
            origins={where.origins}
            counts={level.index.cells.count}
            marked={marked}
            onOpen={openThere}
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
      </div>
      {scope.kind === 'comparison' && (
        <Axis scale={scope.scale} left={className(classes[0]!)} right={className(classes[1]!)} />
      )}
      <footer className={css['foot']}>
        {atlas.note && <p className={css['note']}>{atlas.note}</p>}
        <p>
          {atlas.stage === 'first' && 'First look, a better layout is under way · '}
          {summary &&
            `${number(summary.samplesShown)} of ${number(atlas.samples)} samples in ${number(summary.shown)} of ${number(summary.total)} cells`}
          {summary &&
            summary.finished < summary.shown &&
            ` · ${number(summary.shown - summary.finished)} icons to come`}
          {scope.kind === 'comparison' && ' · labels name the strongest third class'}
          {scope.kind === 'comparison' &&
            scope.clipped > 0 &&
            ` · ${number(scope.clipped)} samples beyond the axis, drawn at its ends`}
        </p>
      </footer>
    </div>
  )
}
