import {
  BufferAttribute,
  type DataArrayTexture,
  DataTexture,
  DoubleSide,
  FloatType,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  NearestFilter,
  RawShaderMaterial,
  RGBAFormat,
  Sphere,
  Vector2,
  Vector3,
} from 'three'
import type { CellIndex } from './cells.ts'
import { type Look, type LookMode, writeLook } from './look.ts'
import { CELL_FRAGMENT, CELL_VERTEX } from './shaders.ts'

const MODES: Record<LookMode, number> = { plain: 0, opacity: 1, heat: 2, hues: 3 }
export const CORNERS = new Float32Array([0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1])

interface MeshFrame {
  readonly x: number
  readonly y: number
  /** Clip units per unit of the square, y downwards. */
  readonly scaleX: number
  readonly scaleY: number
  readonly opacity: number
  /** Device pixels per cell. */
  readonly cellPixels: number
}

/** All cells of one grid as a single instanced draw call. */
export class GridMesh {
  readonly mesh: Mesh<InstancedBufferGeometry, RawShaderMaterial>
  readonly index: CellIndex
  readonly #tileEntries: DataTexture
  readonly #face: InstancedBufferAttribute
  readonly #tint: InstancedBufferAttribute
  readonly #displaced: InstancedBufferAttribute
  #positions: Float32Array | undefined
  #density = Number.NaN
  #look: Look | undefined
  readonly #onLight: boolean

  constructor(index: CellIndex, textures: readonly DataArrayTexture[], background: readonly [number, number, number]) {
    this.index = index
    this.#onLight = background[0] > 127
    const { cells, tiles } = index
    const n = cells.i.length
    const ij = new Uint16Array(n * 2)
    for (let k = 0; k < n; k++) {
      ij[k * 2] = cells.j[k]!
      ij[k * 2 + 1] = cells.i[k]!
    }
    this.#face = new InstancedBufferAttribute(new Uint8Array(n * 4), 4, true)
    this.#tint = new InstancedBufferAttribute(new Uint8Array(n * 4).fill(255), 4, true)
    const geometry = new InstancedBufferGeometry()
    geometry.instanceCount = n
    geometry.boundingSphere = new Sphere()
    geometry.setAttribute('position', new BufferAttribute(CORNERS, 2))
    geometry.setAttribute('cell', new InstancedBufferAttribute(ij, 2))
    geometry.setAttribute('face', this.#face)
    geometry.setAttribute('tint', this.#tint)
    this.#displaced = new InstancedBufferAttribute(new Float32Array(n * 3), 3)
    geometry.setAttribute('displaced', this.#displaced)
    this.#tileEntries = new DataTexture(
      new Float32Array(tiles * tiles * 4).fill(-1),
      tiles,
      tiles,
      RGBAFormat,
      FloatType,
    )
    this.#tileEntries.minFilter = NearestFilter
    this.#tileEntries.magFilter = NearestFilter
    this.#tileEntries.needsUpdate = true
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: CELL_VERTEX,
      fragmentShader: CELL_FRAGMENT,
      // y points down, which reverses the winding order.
      side: DoubleSide,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      uniforms: {
        centre: { value: new Vector2() },
        scale: { value: new Vector2() },
        grid: { value: cells.grid },
        tiles: { value: this.#tileEntries },
        small: { value: textures[0] },
        medium: { value: textures[1] },
        large: { value: textures[2] },
        lod: { value: 0 },
        crop: { value: 0 },
        opacity: { value: 1 },
        gridPosition: { value: 1 },
        mode: { value: 0 },
        background: { value: new Vector3(...background).divideScalar(255) },
      },
    })
    this.mesh = new Mesh(geometry, material)
    this.mesh.frustumCulled = false
  }

  get material(): RawShaderMaterial {
    return this.mesh.material
  }

  /** Updates sizes by density and tints by attribution. */
  update(density: number, look: Look): void {
    const { cells } = this.index
    if (density !== this.#density) {
      this.#density = density
      const face = this.#face.array as Uint8Array
      for (let k = 0; k < cells.i.length; k++) {
        face[k * 4] = cells.colour[k * 3]!
        face[k * 4 + 1] = cells.colour[k * 3 + 1]!
        face[k * 4 + 2] = cells.colour[k * 3 + 2]!
        face[k * 4 + 3] = Math.round(this.index.size(k, density) * 255)
      }
      this.#face.needsUpdate = true
    }
    if (look !== this.#look) {
      this.#look = look
      writeLook(look, cells.i.length, this.#tint.array as Uint8Array, this.#onLight)
      this.#tint.needsUpdate = true
      this.#uniform('mode').value = MODES[look.classes.length === 0 ? 'plain' : look.mode]
    }
  }

  /**
   * Moves cells between the grid and displaced positions.
   * @param positions [n × 3], centre and size in the unit square
   * @param gridPosition 1: in the grid, 0: displaced
   */
  setPositions(positions: Float32Array | undefined, gridPosition: number): void {
    if (positions && positions !== this.#positions) {
      this.#positions = positions
      this.#displaced.array.set(positions)
      this.#displaced.needsUpdate = true
    }
    this.#uniform('gridPosition').value = positions ? gridPosition : 1
  }

  /** @param entries [tiles² × 4]: per rung −1, or layer plus how far it has faded in */
  setTiles(entries: Float32Array): void {
    const data = this.#tileEntries.image.data as Float32Array
    let changed = false
    for (let k = 0; k < entries.length && !changed; k++) changed = data[k] !== Math.fround(entries[k]!)
    if (!changed) return
    data.set(entries)
    this.#tileEntries.needsUpdate = true
  }

  setFrame(frame: MeshFrame): void {
    const centre: Vector2 = this.#uniform('centre').value
    const scale: Vector2 = this.#uniform('scale').value
    centre.set(frame.x, frame.y)
    scale.set(frame.scaleX, frame.scaleY)
    this.#uniform('opacity').value = frame.opacity
    this.#uniform('lod').value = Math.min(2, Math.max(0, Math.log2(16 / Math.max(1, frame.cellPixels))))
    // The border of a small icon is padding: the article crops it too.
    this.#uniform('crop').value = frame.cellPixels < 40 ? 0.06 : 0
  }

  dispose(): void {
    this.mesh.geometry.dispose()
    this.material.dispose()
    this.#tileEntries.dispose()
  }

  #uniform(name: string): { value: ReturnType<typeof JSON.parse> } {
    return this.material.uniforms[name]!
  }
}
