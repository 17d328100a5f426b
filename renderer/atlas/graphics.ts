import { create } from 'zustand'

/** Why a map cannot be drawn: the window has no WebGL, or lost its context. */
export type Trouble = 'absent' | 'lost'

/** What this window draws its maps with. */
interface Graphics {
  /** By the pane's id; undefined for panes that are drawn. */
  readonly trouble: Readonly<Record<number, Trouble | undefined>>
  /** Name of the software renderer; null where a graphics processor draws, or nothing has been drawn yet. */
  readonly software: string | null
}

export const useGraphics = create<Graphics>(() => ({ trouble: {}, software: null }))

export const setTrouble = (pane: number, trouble: Trouble | undefined): void =>
  useGraphics.setState(state =>
    state.trouble[pane] === trouble ? state : { trouble: { ...state.trouble, [pane]: trouble } },
  )

/**
 * The name of the software renderer in a driver's name; null where a graphics processor is used. Chromium's own is
 * SwiftShader, Mesa's are llvmpipe and softpipe, Windows has the Microsoft Basic Render Driver.
 */
export const softwareName = (renderer: string): string | null =>
  /swiftshader|llvmpipe|softpipe|basic render driver/i.exec(renderer)?.[0] ?? null

/** Records what draws a canvas, where the browser reports it. */
export function noteRenderer(canvas: HTMLCanvasElement): void {
  const gl = canvas.getContext('webgl2')
  const named = gl?.getExtension('WEBGL_debug_renderer_info')
  const software = gl && named ? softwareName(String(gl.getParameter(named.UNMASKED_RENDERER_WEBGL))) : null
  if (software !== null && useGraphics.getState().software === null) useGraphics.setState({ software })
}
