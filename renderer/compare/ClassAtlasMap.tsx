import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { labelRule } from '../../electron/contract/cell-labels.ts'
import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { axisTitle, CROSS_FITTED, NOT_CROSS_FITTED } from '../../electron/contract/inference.ts'
import { qualitySource, qualityText } from '../../electron/contract/layout.ts'
import { labelsText, type MapLabels, useLabels } from '../atlas/cell-labels.ts'
import { useTexts } from '../atlas/cell-texts.ts'
import type { Point } from '../atlas/cells.ts'
import { type Fact, FactsLine } from '../atlas/FactsLine.tsx'
import labelCss from '../atlas/labels.module.css'
import { PLAIN } from '../atlas/look.ts'
import { NoMap } from '../atlas/NoMap.tsx'
import { outlines } from '../atlas/outlines.ts'
import type { SceneState } from '../atlas/scene-state.ts'
import { fetchTile } from '../atlas/tile-textures.ts'
import { useScene, useSceneState } from '../atlas/use-scene.ts'
import { describedPanes } from '../export/described.ts'
import { captionOf } from '../export/panes.ts'
import { useProject } from '../state/project.ts'
import { reducedMotion } from '../state/settings.ts'
import { select, useView } from '../state/view.ts'
import { Empty, Failure } from '../ui/controls.tsx'
import { TERMS } from '../ui/terms.ts'
import { capitalised, count, number } from '../ui/text.ts'
import { Axis, ZeroLine } from './Axis.tsx'
import { Backdrop } from './Backdrop.tsx'
import { CellTip } from './CellTip.tsx'
import css from './class-atlas-map.module.css'
import { type PaneContent, resumeJob } from './class-atlases.ts'
import { MapHead } from './MapHead.tsx'
import { MoreSamples } from './MoreSamples.tsx'
import { withMirrored } from './mirrored.ts'
import { OriginMap } from './OriginMap.tsx'
import { openInAtlas } from './open-in-atlas.ts'
import { Pending } from './Pending.tsx'
import { countsOf } from './plans.ts'
import { displacedOutlines, useCellTransition } from './use-cell-transition.ts'
import { useClassAtlasLevels } from './use-class-atlas-levels.ts'
import { useMapGestures } from './use-map-gestures.ts'
import { useOrigins } from './use-origins.ts'

interface ClassAtlasMapProps {
  readonly id: number
  readonly content: PaneContent
  readonly atlas: ClassAtlas
  readonly classes: readonly number[]
  readonly panes: number
}

/** A class atlas has few icons: a finer grid is shown only once its icons are this large, CSS pixels. */
const MIN_ICON = 56
const KEYS =
  'arrows pan, plus and minus zoom, 0 fits the atlas, Enter selects the centre cell, Alt and an arrow select the next cell'
const loadTile = withMirrored(fetchTile)
const noLook = () => PLAIN
const NO_FILTER: readonly number[] = []

/** The map of a class atlas or comparison, with header, axis, thumbnail and tooltip. */
export function ClassAtlasMap({ id, content, classes, panes, atlas }: ClassAtlasMapProps): ReactNode {
  const { source, requested } = content
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
  const { levels, comparison, classCells, error } = useClassAtlasLevels(key, atlas, shown, swap)
  const level = levels.find(l => l.index.cells.grid === shown)
  const cellLabels = useLabels(atlas.id, level && shown)
  // In a comparison the two classes would lead every cell: only its reliable labels are written there.
  const texts = useTexts(scope.kind === 'class' ? atlas.id : undefined, cellLabels, undefined, NO_FILTER)
  const { selection, labels: showLabels, minimap } = useView()

  const scene = useScene(
    { stage, canvas, labels, minimap: chart, load: loadTile, transparent: true },
    id,
    panes,
    report => {
      setShown(report.grid)
      const { camera } = scene.current ?? {}
      if (!camera || !root.current) return
      // HTML elements follow the camera by these: axis, zero line, backdrop.
      const { x, y } = camera.toScreen(0, 0)
      root.current.style.setProperty('--x0', `${x}px`)
      root.current.style.setProperty('--y0', `${y}px`)
      root.current.style.setProperty('--s', `${camera.scale}px`)
    },
  )
  const { origins, failed } = useOrigins(atlas, shown, source)
  const { transition, positions, displaced, toggle, ready, find } = useCellTransition(
    atlas.id,
    level,
    origins,
    failed,
    swap,
  )

  const cell = selection?.pane === id ? selection.cells[0] : undefined
  const selected = useMemo(() => {
    if (!cell || !level || cell.atlas !== atlas.id || cell.grid !== shown) return -1
    return level.index.at(cell.i, swap ? cell.grid - 1 - cell.j : cell.j)
  }, [cell, level, atlas.id, shown, swap])
  const frames = useMemo(() => {
    const cells = level?.index.cells
    if (displaced && positions && cells) return displacedOutlines(positions, cells.state, selected, hover.cell)
    const ref = (k: number) => ({ atlas: atlas.id, grid: cells!.grid, i: cells!.i[k]!, j: cells!.j[k]! })
    return outlines({
      cells,
      linked: undefined,
      selected: cells && selected >= 0 ? [ref(selected)] : [],
      hovered: cells && hover.cell >= 0 && hover.cell < cells.i.length ? ref(hover.cell) : null,
      noted: [],
    })
  }, [level, selected, hover.cell, atlas.id, displaced, positions])
  const state = useMemo(
    (): SceneState => ({
      levels,
      // Origins are known for the shown grid only.
      grid: displaced && shown !== undefined ? shown : grid,
      density: 4,
      smallest: MIN_ICON,
      look: noLook,
      labels: showLabels,
      texts,
      frames,
      reducedMotion: reducedMotion(),
      transition,
    }),
    [levels, grid, shown, displaced, showLabels, texts, frames, transition],
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

  useEffect(() => {
    if (shown === undefined) return
    const [left, right] = classes.map(className)
    const where = displaced ? ['cells at their positions in the whole atlas'] : []
    const labelling = cellLabels?.note === null ? [`${labelRule} (${labelsText(cellLabels)})`] : []
    const method = scope.kind === 'comparison' ? [scope.crossFit === null ? NOT_CROSS_FITTED : CROSS_FITTED] : []
    const counts = countsOf(scope, className).replaceAll('\n', '; ')
    const caption = captionOf(atlas, shown, [...where, ...method, counts, ...labelling])
    describedPanes.set(id, {
      layer: atlas.layer,
      caption: `${right === undefined ? `class atlas of ${left}` : `comparison of ${left} and ${right}`}: ${caption}`,
      axis:
        scope.kind === 'comparison' && !displaced && right !== undefined
          ? { scale: scope.scale, left: left!, right, title: axisTitle(scope.crossFit !== null) }
          : null,
    })
    return () => void describedPanes.delete(id)
  }, [id, atlas, scope, classes, className, cellLabels, shown, displaced])

  const marked = hover.cell >= 0 ? hover.cell : selected
  const pending = (requested?.plan === atlas.plan ? requested.job : null) ?? atlas.job
  const names = classes.map(className)
  return (
    <div ref={root} className={css['content']} data-pane={id}>
      <MapHead
        atlas={atlas}
        grid={grid}
        shown={shown}
        onGrid={setGrid}
        displaced={origins ? displaced : undefined}
        onDisplace={toggle}
      />
      {pending ? <Pending job={pending} slim onRetry={() => void resumeJob(pending, atlas, classes)} /> : null}
      <div className={css['stage']}>
        <Backdrop source={source} shown={displaced} />
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
          <div ref={labels} className={labelCss['labels']} aria-hidden />
          <div ref={chart} hidden />
        </div>
        {scope.kind === 'comparison' && !displaced && <ZeroLine scale={scope.scale} />}
        {minimap && origins && level && (
          <OriginMap
            cells={origins.cells}
            grid={origins.grid}
            layer={source.layer}
            origins={origins.locations}
            counts={level.index.cells.count}
            marked={marked}
            onOpen={() => openInAtlas(source, origins, marked >= 0 ? [marked] : [])}
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
            labels={cellLabels}
            comparison={comparison}
            classCells={classCells}
          />
        )}
        {error ? <Failure error={error} /> : levels.length === 0 && <Empty title="Loading the atlas…" busy />}
        <NoMap pane={id} />
      </div>
      {scope.kind === 'comparison' && (
        <Axis
          scale={scope.scale}
          title={axisTitle(scope.crossFit !== null)}
          left={names[0]!}
          right={names[1]!}
          idle={displaced}
        />
      )}
      <MapFoot atlas={atlas} shown={shown} labels={cellLabels}>
        <MoreSamples atlas={atlas} shown={shown} source={source} classes={classes} />
      </MapFoot>
    </div>
  )
}

interface MapFootProps {
  readonly atlas: ClassAtlas
  readonly shown: number | undefined
  readonly labels: MapLabels | undefined
  readonly children: ReactNode
}

/** Counts and notes below the map. */
function MapFoot({ atlas, shown, labels, children }: MapFootProps): ReactNode {
  const { note } = atlas
  return (
    <>
      {note && <p className={css['note']}>{note}</p>}
      {children}
      <FactsLine facts={factsOf(atlas, shown, labels)} />
    </>
  )
}

/** What is known of the map, the most important first. */
function factsOf(
  { scope, stage, samples, quality, minSamples, grids }: ClassAtlas,
  shown: number | undefined,
  labels: MapLabels | undefined,
): readonly Fact[] {
  const grid = grids.find(g => g.grid === shown)
  const facts: (Fact | false | null | undefined)[] = [
    stage === 'first' && {
      text: 'preliminary layout',
      meaning: 'The final layout is being computed; cells get icons of their own then.',
    },
    grid && {
      text: `${number(grid.samplesShown)} of ${number(samples)} samples in ${number(grid.shown)} of ${number(grid.total)} cells`,
      meaning: `${TERMS.cell} Here a cell is shown from ${count(minSamples, 'sample')} on.`,
    },
    grid &&
      grid.finished < grid.shown && {
        text: `${count(grid.shown - grid.finished, 'icon')} pending`,
        meaning: TERMS.icon,
      },
    labels && {
      text: labels.note ?? labelsText(labels),
      meaning: `${capitalised(labelRule)}${scope.kind === 'comparison' ? '; the two classes are excluded' : ''}.`,
    },
    grid && minSamples > 1 && { text: `at least ${number(minSamples)} per cell`, meaning: TERMS.cell },
    scope.kind === 'comparison' && scope.crossFit === null && { text: 'not cross-fitted', meaning: NOT_CROSS_FITTED },
    scope.kind === 'comparison' &&
      scope.clipped > 0 && {
        text: `${count(scope.clipped, 'sample')} clipped`,
        meaning: 'Their predicted difference lies beyond the ends of the axis, where they are drawn.',
      },
    quality && { text: qualityText(quality), meaning: `${TERMS.trustworthiness} ${qualitySource(quality)}` },
  ]
  return facts.filter(fact => fact != null && fact !== false)
}
