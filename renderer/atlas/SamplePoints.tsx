import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { type FoundSamples, MOST_SAMPLES } from '../../electron/contract/samples-in-view.ts'
import type { Box, ClassValue } from '../../electron/contract/values.ts'
import { attempt } from '../state/notices.ts'
import { openPhotograph } from '../state/photograph.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { useSamples } from '../state/samples.ts'
import { useView } from '../state/view.ts'
import type { Point } from './cells.ts'
import { SamplesPanel } from './SamplesPanel.tsx'
import { nearestPoint, sampleColours } from './sample-colours.ts'
import css from './samples.module.css'
import type { AtlasScene } from './scene.ts'
import { usePredictions } from './use-predictions.ts'

/** Samples are looked up after the view has rested this long, ms. */
const REST = 200
/** Radius of a point, and of more than so many, CSS pixels. */
const RADIUS = 4.5
const MANY = 500
const SMALL_RADIUS = 3
/** How near to a point the pointer must be, CSS pixels. */
const REACH = 10
/** A press that moves further is a drag, CSS pixels. */
const CLICK_DISTANCE = 4

interface SamplePointsProps {
  readonly pane: number
  readonly atlas: AtlasSummary
  readonly scene: RefObject<AtlasScene | null>
  readonly stage: RefObject<HTMLDivElement | null>
  /** Receives what draws the points, to be called after every frame of the map. */
  readonly onDraw: (draw: () => void) => void
}

/** Opens the photograph of a sample with the place of its unit. */
const openSample = (atlas: number, sample: number): Promise<void> =>
  attempt(async () => {
    const { image, u, v, box } = await call('atlas.sample', { atlas, sample })
    openPhotograph(image, { u, v, box })
  })

/** Single samples as points over a map, and in the active pane their search and legend. */
export function SamplePoints({ pane, atlas, scene, stage, onDraw }: SamplePointsProps): ReactNode {
  const { key, className, model } = useProject()
  const { text, colour } = useSamples()
  const active = useView(state => state.active === pane)
  const canvas = useRef<HTMLCanvasElement>(null)
  const region = useRegion(pane, scene)
  const { data } = useCall('atlas.samples', region && { atlas: atlas.id, region, text, limit: MOST_SAMPLES })
  // While the next part is loaded the last one stays.
  const last = useRef<FoundSamples>(undefined)
  if (data) last.current = data
  const samples = last.current
  const images = useMemo(() => (colour === 'class' || !samples ? null : [...new Set(samples.image)]), [colour, samples])
  const predictions = usePredictions(model?.hash, images)
  const coloured = useMemo(
    () => samples && sampleColours(samples, colour, predictions, className),
    [samples, colour, predictions, className],
  )
  const places = useRef(new Float64Array())
  const [hovered, setHovered] = useState<{ readonly k: number; readonly at: Point } | null>(null)

  const draw = useCallback((): void => {
    const camera = scene.current?.camera
    const context = canvas.current?.getContext('2d')
    if (!camera || !context || !samples || !coloured) return
    const ratio = Math.min(2, devicePixelRatio)
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)]
    if (context.canvas.width !== width || context.canvas.height !== height)
      Object.assign(context.canvas, { width, height })
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, camera.width, camera.height)
    const radius = samples.x.length > MANY ? SMALL_RADIUS : RADIUS
    const at = new Float64Array(2 * samples.x.length)
    context.lineWidth = radius / 3
    context.strokeStyle = 'rgb(0 0 0 / 75%)'
    for (let k = 0; k < samples.x.length; k++) {
      const { x, y } = camera.toScreen(samples.x[k]!, samples.y[k]!)
      at.set([x, y], 2 * k)
      context.beginPath()
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.fillStyle = coloured.colours[k]!
      context.fill()
      context.stroke()
    }
    places.current = at
  }, [scene, samples, coloured])
  useEffect(() => {
    onDraw(draw)
    draw()
    return () => onDraw(() => {})
  }, [draw, onDraw])

  useEffect(() => {
    const element = stage.current
    if (!element) return
    const ends = new AbortController()
    let pressed: Point | undefined
    const pointOf = (event: MouseEvent): Point => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }
    const find = (event: MouseEvent): number => {
      if (event.target instanceof Element && event.target.closest('[data-overlay]')) return -1
      const { x, y } = pointOf(event)
      return nearestPoint(places.current, x, y, REACH)
    }
    const listen = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(name, listener, { signal: ends.signal })
    listen('pointermove', event => {
      const k = find(event)
      setHovered(k < 0 ? null : { k, at: pointOf(event) })
    })
    listen('pointerleave', () => setHovered(null))
    listen('pointerdown', event => {
      pressed = pointOf(event)
    })
    listen('click', event => {
      const at = pointOf(event)
      const k = find(event)
      const moved = pressed === undefined || Math.hypot(at.x - pressed.x, at.y - pressed.y) > CLICK_DISTANCE
      if (k >= 0 && !moved && samples) void openSample(atlas.id, samples.sample[k]!)
    })
    return () => ends.abort()
  }, [stage, samples, atlas.id])

  const under = hovered && samples && hovered.k < samples.x.length ? hovered : null
  return (
    <>
      <canvas ref={canvas} className={css['points']} aria-hidden />
      {under && samples && (
        <div className={css['tip']} style={{ left: under.at.x + 14, top: under.at.y + 14 }} aria-hidden>
          <img
            alt=""
            src={pictureAddress({ kind: 'photo', project: key, image: samples.image[under.k]!, box: null, size: 128 })}
          />
          <p>{describe(samples, under.k, predictions.get(samples.image[under.k]!), className)}</p>
        </div>
      )}
      {active && (
        <SamplesPanel
          atlas={atlas}
          samples={samples}
          legend={coloured?.legend ?? []}
          onOpen={sample => void openSample(atlas.id, sample)}
        />
      )}
    </>
  )
}

/** "Labelled fireboat; predicted fireboat, 83 %". */
function describe(
  samples: FoundSamples,
  k: number,
  prediction: ClassValue | null | undefined,
  className: (index: number) => string,
): string {
  const label = samples.class[k]! < 0 ? 'No label' : `Labelled ${className(samples.class[k]!)}`
  return prediction == null
    ? label
    : `${label}; predicted ${className(prediction.index)}, ${Math.round(100 * prediction.value)} %`
}

/** The part of the layout that a pane shows, once its view rests; null before. */
function useRegion(pane: number, scene: RefObject<AtlasScene | null>): Box | null {
  const moved = useView(state => state.cameras[pane])
  const [region, setRegion] = useState<Box | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every movement changes the part
  useEffect(() => {
    const timer = setTimeout(() => {
      const camera = scene.current?.camera
      if (!camera) return
      const [a, b] = [camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height)]
      setRegion({ left: a.x, top: a.y, right: b.x, bottom: b.y })
    }, REST)
    return () => clearTimeout(timer)
  }, [moved, scene])
  return region
}
