import { z } from 'zod'
import { call } from './call.ts'
import { ShownText, Uint8s } from './values.ts'
import { Dpi, FigureFormat, Millimetres } from './view-figure.ts'

const pixels = z.number().min(-20_000).max(20_000)
const text = z.string().max(4000)

/** A pane of the window as a figure shows it. Positions and sizes in CSS pixels of the workspace. */
export const FigurePane = z
  .object({
    left: pixels,
    top: pixels,
    width: pixels.min(1),
    height: pixels.min(1),
    /** The labels and their positions in the pane. */
    labels: z
      .array(z.object({ text, x: pixels, y: pixels, width: pixels.min(1) }).readonly())
      .max(500)
      .readonly(),
    /** Classes and their colours, sRGB 0 to 255. */
    legend: z
      .array(z.object({ text, colour: z.tuple([z.number(), z.number(), z.number()]).readonly() }).readonly())
      .max(64)
      .readonly(),
    /** The horizontal axis of a comparison, below the map: ticks at their positions in the pane, a class at each end, and its title. */
    axis: z
      .object({
        ticks: z
          .array(z.object({ text, x: pixels, zero: z.boolean() }).readonly())
          .max(32)
          .readonly(),
        left: text,
        right: text,
        title: text,
      })
      .readonly()
      .nullable(),
    /** Model, layer, counts, layout, preset, seed. */
    caption: text,
  })
  .readonly()
export type FigurePane = z.infer<typeof FigurePane>

const panes = z.array(FigurePane).min(1).max(16).readonly()

const LARGEST_SCALE = 12

/** Pixels of a PNG for each pixel of a figure. @param width of the figure, pixels */
export const pngScale = (
  { millimetres, dpi }: { readonly millimetres: number; readonly dpi: number },
  width: number,
): number => Math.min(LARGEST_SCALE, Math.max(0.5, ((millimetres / 25.4) * dpi) / width))

/** Figures of what a window shows, drawn by the engine. */
export const figureCalls = {
  /** Size in CSS pixels, captions included. */
  'figure.size': call(z.object({ panes }).readonly(), z.object({ width: z.number(), height: z.number() }).readonly()),
  /** The figure as a file's bytes. */
  'figure.draw': call(
    z
      .object({
        panes,
        /** The map of each pane as a PNG. */
        maps: z.array(Uint8s).min(1).max(16).readonly(),
        format: FigureFormat,
        /** Dark as the window, or on white, for papers. */
        theme: z.enum(['dark', 'light']),
        /** Width in print. */
        millimetres: Millimetres,
        /** Pixels per inch of a PNG. */
        dpi: Dpi,
      })
      .readonly(),
    /** `unset`: the sentence about letters that it shows as boxes; null where all are set. */
    z.object({ bytes: Uint8s, unset: ShownText.nullable() }).readonly(),
  ),
} as const
