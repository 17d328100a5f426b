import {
  BufferAttribute,
  DoubleSide,
  DynamicDrawUsage,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  RawShaderMaterial,
  Sphere,
  Vector2,
} from 'three'
import type { Rgb } from './colours.ts'
import { CORNERS } from './grid-mesh.ts'
import { frameFragment, frameVertex } from './shaders.ts'

/** A square of the unit square to be framed, whatever grid it came from. */
export interface Frame {
  readonly x: number
  readonly y: number
  readonly side: number
  readonly colour: Rgb
  readonly opacity: number
  /** CSS pixels. */
  readonly width: number
}

/** As many as a grid of 160 has cells, and some: everything may be selected. */
const MOST = 32_768

/** All frames of a pane as one draw call. */
export class Frames {
  readonly mesh: Mesh<InstancedBufferGeometry, RawShaderMaterial>
  readonly #box = new InstancedBufferAttribute(new Float32Array(MOST * 4), 4)
  readonly #paint = new InstancedBufferAttribute(new Uint8Array(MOST * 4), 4, true)
  readonly #width = new InstancedBufferAttribute(new Float32Array(MOST), 1)
  readonly #centre = new Vector2()
  readonly #scale = new Vector2()

  constructor() {
    const geometry = new InstancedBufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(CORNERS, 2))
    for (const [name, attribute] of [
      ['box', this.#box],
      ['paint', this.#paint],
      ['width', this.#width],
    ] as const) {
      attribute.setUsage(DynamicDrawUsage)
      geometry.setAttribute(name, attribute)
    }
    geometry.instanceCount = 0
    geometry.boundingSphere = new Sphere()
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: frameVertex,
      fragmentShader: frameFragment,
      // The square's y points down, which turns the corners' order round.
      side: DoubleSide,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      uniforms: { centre: { value: this.#centre }, scale: { value: this.#scale }, pixel: { value: 1 } },
    })
    this.mesh = new Mesh(geometry, material)
    this.mesh.frustumCulled = false
    this.mesh.renderOrder = 10
    this.mesh.visible = false
  }

  /** Frames in drawing order; beyond 32,768 the first ones are left out, which are the least important. */
  set(frames: readonly Frame[]): void {
    const shown = frames.slice(-MOST)
    shown.forEach((frame, k) => {
      this.#box.setXYZW(k, frame.x, frame.y, frame.side, frame.side)
      const paint = this.#paint.array
      paint[k * 4] = frame.colour[0]
      paint[k * 4 + 1] = frame.colour[1]
      paint[k * 4 + 2] = frame.colour[2]
      paint[k * 4 + 3] = Math.round(frame.opacity * 255)
      this.#width.setX(k, frame.width)
    })
    for (const attribute of [this.#box, this.#paint, this.#width]) {
      // Mostly there are a few: the rest of the buffer stays where it is.
      attribute.clearUpdateRanges()
      attribute.addUpdateRange(0, shown.length * attribute.itemSize)
      attribute.needsUpdate = shown.length > 0
    }
    this.mesh.geometry.instanceCount = shown.length
    this.mesh.visible = shown.length > 0
  }

  setFrame(x: number, y: number, scaleX: number, scaleY: number, pixel: number): void {
    this.#centre.set(x, y)
    this.#scale.set(scaleX, scaleY)
    this.mesh.material.uniforms['pixel']!.value = pixel
  }

  dispose(): void {
    this.mesh.geometry.dispose()
    this.mesh.material.dispose()
  }
}
