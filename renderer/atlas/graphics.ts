import { create } from 'zustand'

/** What keeps a map from being drawn: the window got no WebGL, or had it and lost it. */
export type Trouble = 'absent' | 'lost'

/** What this window draws its maps with. */
interface Graphics {
  /** By the pane's id; panes that are drawn have none. */
  readonly trouble: Readonly<Record<number, Trouble | undefined>>
  /** Name of what draws in place of a graphics processor; null: one does, or nothing has been drawn yet. */
  readonly software: string | null
}

export const useGraphics = create<Graphics>(() => ({ trouble: {}, software: null }))

export const setTrouble = (pane: number, trouble: Trouble | undefined): void =>
  useGraphics.setState(state =>
    state.trouble[pane] === trouble ? state : { trouble: { ...state.trouble, [pane]: trouble } },
  )

/**
 * The name of what draws without a graphics processor, as its driver says it; null where one is used. Chromium's own is
 * SwiftShader, Mesa's are llvmpipe and softpipe, Windows has the Microsoft Basic Render Driver.
 */
export const softwareName = (renderer: string): string | null =>
  /swiftshader|llvmpipe|softpipe|basic render driver/i.exec(renderer)?.[0] ?? null

/** Notes what a canvas is drawn by. Where the browser doesn't say, nothing is noted. */
export function noteRenderer(canvas: HTMLCanvasElement): void {
  const gl = canvas.getContext('webgl2')
  const named = gl?.getExtension('WEBGL_debug_renderer_info')
  const software = gl && named ? softwareName(String(gl.getParameter(named.UNMASKED_RENDERER_WEBGL))) : null
  if (software !== null && useGraphics.getState().software === null) useGraphics.setState({ software })
}
