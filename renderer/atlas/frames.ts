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
import { FRAME_FRAGMENT, FRAME_VERTEX } from './shaders.ts'

/** A frame around a square of the unit square. */
export interface Frame {
  readonly x: number
  readonly y: number
  readonly side: number
  readonly colour: Rgb
  readonly opacity: number
  /** CSS pixels. */
  readonly width: number
}

/** More than the 25,600 cells of a grid of 160: all may be selected. */
const MAX_FRAMES = 32_768

/** All frames of a pane as one draw call. */
export class Frames {
  readonly mesh: Mesh<InstancedBufferGeometry, RawShaderMaterial>
  readonly #box = new InstancedBufferAttribute(new Float32Array(MAX_FRAMES * 4), 4)
  readonly #paint = new InstancedBufferAttribute(new Uint8Array(MAX_FRAMES * 4), 4, true)
  readonly #width = new InstancedBufferAttribute(new Float32Array(MAX_FRAMES), 1)
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
      vertexShader: FRAME_VERTEX,
      fragmentShader: FRAME_FRAGMENT,
      // y points down, which reverses the winding order.
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

  /** Frames in drawing order; beyond the maximum, the first ones, which are of the lowest priority, are omitted. */
  set(frames: readonly Frame[]): void {
    const shown = frames.slice(-MAX_FRAMES)
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
      // Usually few frames change: only their part of the buffer is uploaded.
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
