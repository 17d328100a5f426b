import { create } from 'zustand'

/** Why a map cannot be drawn: no WebGL, or a lost context. */
type GraphicsFailure = 'absent' | 'lost'

/** The graphics state of the window. */
interface Graphics {
  /** By pane id; undefined for panes that are drawn. */
  readonly failure: Readonly<Record<number, GraphicsFailure | undefined>>
  /** Name of the software renderer; null with a GPU, or before the first frame. */
  readonly software: string | null
  /** Whether icons have been drawn since the window opened. */
  readonly iconsDrawn: boolean
}

export const useGraphics = create<Graphics>(() => ({ failure: {}, software: null, iconsDrawn: false }))

/** Records the first frame with icons. */
export function noteIcons(): void {
  if (!useGraphics.getState().iconsDrawn) useGraphics.setState({ iconsDrawn: true })
}

export function setFailure(pane: number, failure: GraphicsFailure | undefined): void {
  useGraphics.setState(state =>
    state.failure[pane] === failure ? state : { failure: { ...state.failure, [pane]: failure } },
  )
}

/**
 * The name of the software renderer in a driver's name; null for a GPU. Chromium's own is
 * SwiftShader, Mesa's are llvmpipe and softpipe, Windows has the Microsoft Basic Render Driver.
 */
export function softwareName(renderer: string): string | null {
  return /swiftshader|llvmpipe|softpipe|basic render driver/i.exec(renderer)?.[0] ?? null
}

/** Records the renderer of a canvas, if the browser reports it. */
export function noteRenderer(canvas: HTMLCanvasElement): void {
  const gl = canvas.getContext('webgl2')
  const named = gl?.getExtension('WEBGL_debug_renderer_info')
  const software = gl && named ? softwareName(String(gl.getParameter(named.UNMASKED_RENDERER_WEBGL))) : null
  if (software !== null && useGraphics.getState().software === null) useGraphics.setState({ software })
}
