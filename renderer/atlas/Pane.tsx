import { type PointerEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useCellRanges } from '../state/cell-range.ts'
import { useNotes } from '../state/notes.ts'
import { useProject } from '../state/project.ts'
import { useSamples } from '../state/samples.ts'
import { reducedMotion, useSettings } from '../state/settings.ts'
import { activate, lookAt, type PaneState, useHover, useView } from '../state/view.ts'
import { Empty, Failure, join } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { useLabels } from './cell-labels.ts'
import { measured } from './cell-measures.ts'
import { useTexts } from './cell-texts.ts'
import type { Point } from './cells.ts'
import { noteIcons, useGraphics } from './graphics.ts'
import { Legend } from './Legend.tsx'
import labelCss from './labels.module.css'
import { NoMap } from './NoMap.tsx'
import { outlines } from './outlines.ts'
import { PaneFoot } from './PaneFoot.tsx'
import { PaneHeader } from './PaneHeader.tsx'
import css from './pane.module.css'
import { RangeChip } from './RangeChip.tsx'
import { SamplePoints } from './SamplePoints.tsx'
import { StabilityLegend } from './StabilityLegend.tsx'
import type { SceneState } from './scene-state.ts'
import { Tip } from './Tip.tsx'
import { useDimmed } from './use-dimmed.ts'
import { useFidelity } from './use-fidelity.ts'
import { useFirstIcons } from './use-first-icons.ts'
import { useLayerMorph } from './use-layer-morph.ts'
import { useLevels } from './use-levels.ts'
import { type LinkedCells, useShownPanes } from './use-linked-cells.ts'
import { useLook } from './use-look.ts'
import { usePaneCamera } from './use-pane-camera.ts'
import { usePaneGestures } from './use-pane-gestures.ts'
import { useScene, useSceneState } from './use-scene.ts'
import { useSpread } from './use-spread.ts'
import { useStability } from './use-stability.ts'
import { useVisibleRegion } from './use-visible-region.ts'

interface PaneProps {
  readonly pane: PaneState
  readonly atlases: readonly AtlasSummary[]
  readonly linked: LinkedCells | null
}

/** Opacity of icons behind points. */
const BEHIND_POINTS = 0.45
const KEYS =
  'arrows pan, plus and minus zoom, 0 fits the atlas, Enter selects the centre cell, Alt and an arrow select the next cell'

/** One atlas: header, map with overlays, and counts. */
export function Pane({ pane, atlases, linked }: PaneProps): ReactNode {
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labelBox = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const { key, className } = useProject()
  const { smallest } = useSettings()
  const notes = useNotes()
  const atlas = atlases.find(a => a.id === pane.atlas) ?? atlases[0]
  const [grid, setGrid] = useState<number>()
  const loaded = useLevels(key, atlas, pane.pictures, useFirstIcons())
  const { error } = loaded
  const { levels, transition } = useLayerMorph({ atlas, levels: loaded.levels }, grid, pane.density)
  const { look, legend, known } = useLook(atlas, pane.filter)
  const shade = useStability(atlas, pane.filter.stability)
  const drawn = useCallback((size: number) => shade(size)?.look ?? look(size), [shade, look])
  const range = useCellRanges(state => state[pane.id])
  const spread = useSpread(atlas?.id, grid, range?.measure === 'spread')
  const shownLook = useDimmed(drawn, look, levels, range, pane.filter.classes, spread)
  const { labels, minimap, lasso, selection, panes, active } = useView()
  const software = useGraphics(state => state.software)
  const hover = useHover(state => (state.pane === pane.id ? state.cell : null))
  const [tip, setTip] = useState<Point | null>(null)
  const [line, setLine] = useState<readonly Point[]>([])

  const points = useSamples(state => state.open)
  const drawPoints = useRef(() => {})
  const setDraw = useCallback((draw: () => void) => {
    drawPoints.current = draw
  }, [])
  const scene = useScene({ stage, canvas, labels: labelBox, minimap: chart }, pane.id, panes.length, report => {
    setGrid(report.grid)
    drawPoints.current()
    if (report.tilesReady > 0) noteIcons()
  })
  const level = levels.find(l => l.index.cells.grid === grid)
  const cellLabels = useLabels(atlas?.id, level && grid)
  const texts = useTexts(
    atlas?.id,
    cellLabels,
    grid === undefined ? undefined : look(grid),
    pane.filter.classes,
    range &&
      level &&
      measured(range.measure, level.index.cells, look(level.index.cells.grid), pane.filter.classes, spread),
    range,
  )
  const summary = atlas?.grids.find(g => g.grid === grid)
  const fidelity = useFidelity(atlas?.id, summary)
  const linkedHere = useMemo(
    () =>
      linked && linked.pane !== pane.id
        ? linked.locations.find(p => p.atlas === atlas?.id && p.grid === level?.index.cells.grid)
        : undefined,
    [linked, pane.id, level, atlas],
  )
  const frames = useMemo(
    () =>
      outlines({
        cells: level?.index.cells,
        linked: linkedHere,
        selected: selection?.pane === pane.id ? selection.cells : [],
        hovered: hover,
        noted: notes.flatMap(n => n.cells).filter(c => c.atlas === atlas?.id && c.grid === grid),
      }),
    [level, linkedHere, selection, hover, notes, atlas, grid, pane.id],
  )
  const state = useMemo(
    (): SceneState => ({
      levels,
      grid: pane.grid,
      density: pane.density,
      smallest,
      look: shownLook,
      // Points take their place.
      labels: labels && !points,
      texts,
      frames,
      reducedMotion: reducedMotion(),
      transition,
      closer: points,
    }),
    [levels, pane.grid, pane.density, smallest, shownLook, labels, texts, frames, transition, points],
  )
  useSceneState(scene, state)
  useEffect(() => {
    if (atlas && level)
      useShownPanes.setState({
        [pane.id]: {
          ...{ atlas: atlas.id, index: level.index, labels: cellLabels, fidelity },
          look: look(level.index.cells.grid),
        },
      })
  }, [atlas, level, cellLabels, fidelity, look, pane.id])
  useEffect(() => () => useShownPanes.setState({ [pane.id]: undefined }), [pane.id])
  usePaneGestures(stage, scene, { id: pane.id, atlas: atlas?.id, level, onPointer: setTip, onLine: setLine })
  usePaneCamera(scene, pane.id)
  /** Centres the view on the pressed point of the minimap; the keyboard has the arrow keys. */
  const goTo = (event: PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    if (scene.current) lookAt(pane.id, { ...scene.current.camera.goal, x, y })
  }
  const camera = useCallback(() => scene.current?.camera, [scene])
  useVisibleRegion(camera, atlas?.id, level, summary !== undefined && summary.finished < summary.shown)

  const tipCell = hover && level ? level.index.at(hover.i, hover.j) : -1
  return (
    <section
      className={join(css['pane'], active === pane.id && panes.length > 1 && css['active'])}
      aria-label={atlas ? `Atlas ${atlas.layer}` : 'Pane'}
      data-pane={pane.id}
      onPointerDownCapture={() => activate(pane.id)}
      onFocusCapture={() => activate(pane.id)}
    >
      <PaneHeader pane={pane} atlas={atlas} atlases={atlases} grid={grid} />
      <div
        ref={stage}
        className={css['stage']}
        data-lasso={lasso}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a map that is moved by the keyboard must be reachable by it
        tabIndex={0}
        aria-label={`Map of ${atlas?.layer ?? 'no atlas'}: ${KEYS}`}
      >
        <canvas ref={canvas} aria-hidden style={points ? { opacity: BEHIND_POINTS } : undefined} />
        <div ref={labelBox} className={labelCss['labels']} data-labels aria-hidden />
        {line.length > 1 && (
          <svg className={css['lasso']} aria-hidden>
            <path d={`M${line.map(p => `${p.x},${p.y}`).join('L')}Z`} />
          </svg>
        )}
        {points && atlas && (
          <SamplePoints key={atlas.id} pane={pane.id} atlas={atlas} scene={scene} stage={stage} onDraw={setDraw} />
        )}
        {level && <Legend pane={pane} legend={legend(level.index.cells.grid)} known={known} className={className} />}
        {level && atlas && pane.filter.stability && (
          <StabilityLegend pane={pane.id} atlas={atlas} shade={shade(level.index.cells.grid)} />
        )}
        <div className={css['minimap']} data-overlay hidden={!minimap || !level}>
          <div
            ref={chart}
            className={css['chart']}
            aria-hidden
            onPointerDown={event => {
              event.currentTarget.setPointerCapture(event.pointerId)
              goTo(event)
            }}
            onPointerMove={event => event.currentTarget.hasPointerCapture(event.pointerId) && goTo(event)}
          />
        </div>
        {range && level && (
          <RangeChip
            pane={pane.id}
            range={range}
            cells={level.index.cells}
            look={look}
            classes={pane.filter.classes}
            spread={spread}
          />
        )}
        {linkedHere && (
          <p className={css['linked']} role="status">
            {linkedHere.aligned
              ? `${number(linkedHere.counts.reduce((a, b) => a + b, 0))} of these samples here${linkedHere.hidden > 0 ? `, ${number(linkedHere.hidden)} in hidden cells` : ''}${linked && linked.requested < linked.of ? `; for ${number(linked.requested)} of ${number(linked.of)} selected cells` : ''}`
              : 'Built from a different set of samples'}
          </p>
        )}
        {tip && hover && !points && tipCell >= 0 && level && atlas && (
          <Tip
            at={tip}
            width={stage.current?.clientWidth ?? 0}
            height={stage.current?.clientHeight ?? 0}
            atlas={atlas.id}
            index={level.index}
            cell={tipCell}
            labels={cellLabels}
            look={look(level.index.cells.grid)}
            filtered={pane.filter.classes}
            kept={shade(level.index.cells.grid)?.kept[tipCell]}
          />
        )}
        {error ? (
          <Failure error={error} />
        ) : !atlas ? (
          <Empty title="No atlas yet" />
        ) : (
          levels.length === 0 && <Empty title="Loading the atlas…" busy />
        )}
        <NoMap pane={pane.id} />
      </div>
      <PaneFoot
        atlas={atlas}
        summary={summary}
        index={level?.index}
        fidelity={fidelity}
        labels={cellLabels}
        software={panes[0]?.id === pane.id ? software : null}
      />
    </section>
  )
}
