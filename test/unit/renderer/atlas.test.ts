import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Camera, CameraLink } from '../../../renderer/atlas/camera.ts'
import { mapLabels } from '../../../renderer/atlas/cell-labels.ts'
import { filteredTexts, plainTexts } from '../../../renderer/atlas/cell-texts.ts'
import { CellIndex, cellsInside } from '../../../renderer/atlas/cells.ts'
import { classColour, cold, heat } from '../../../renderer/atlas/colours.ts'
import { softwareName } from '../../../renderer/atlas/graphics.ts'
import { iconsText } from '../../../renderer/atlas/icons-text.ts'
import { candidates, LABEL_HEIGHT, placeLabels } from '../../../renderer/atlas/labels.ts'
import { Crossfade, chooseGrid, chooseRung } from '../../../renderer/atlas/levels.ts'
import { extremes, strength, writeLook } from '../../../renderer/atlas/look.ts'
import { NearbyLabels } from '../../../renderer/atlas/nearby-labels.ts'
import { layerBytes, PageTable, planPages } from '../../../renderer/atlas/page-table.ts'
import { stabilityShade } from '../../../renderer/atlas/use-stability.ts'
import { syntheticCells, syntheticLabels } from '../../../renderer/dev/synthetic.ts'

const cells = (grid: number) => syntheticCells(grid, { seed: 3, samples: 50_000 })

describe('the footer of a pane', () => {
  it.each([
    ['of icons in an atlas that is not viewed', [0, 0, 2, 2], 'icons: 2 of 4'],
    ['of previews', [0, 1, 1, 0, 2], 'previews: 3 of 5 icons'],
    ['of icons that are refined', [1, 2, 1, 1], 'refining: 1 of 4 icons'],
  ])('%s', (_, states, text) => expect(iconsText(Uint8Array.from(states))).toBe(text))

  it.each([
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)', 'SwiftShader'],
    ['ANGLE (Mesa, llvmpipe (LLVM 15.0.6 256 bits), OpenGL 4.5)', 'llvmpipe'],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0)', 'Basic Render Driver'],
    ['ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002503) Direct3D11 vs_5_0 ps_5_0, D3D11)', null],
    ['ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)', null],
  ])('of what draws: %s', (renderer, name) => expect(softwareName(renderer)).toBe(name))
})

describe('camera', () => {
  it('keeps the point under the pointer throughout a zoom', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.integer({ min: 250, max: 550 }),
        fc.integer({ min: 200, max: 400 }),
        (factor, px, py) => {
          const camera = new Camera()
          camera.resize(800, 600)
          camera.go({ x: 0.5, y: 0.5, zoom: 4 }, 'instant')
          const before = camera.toWorld(px, py)
          camera.zoomAt(factor, px, py)
          while (camera.step(16)) {
            const now = camera.toWorld(px, py)
            // A hundredth of a pixel, but for the last step, which snaps from a quarter of one.
            expect(Math.hypot(now.x - before.x, now.y - before.y) * camera.scale).toBeLessThan(0.6)
          }
          expect(camera.toWorld(px, py).x).toBeCloseTo(before.x, 6)
        },
      ),
    )
  })
  it('is at its goal at once where motion is reduced', () => {
    const camera = new Camera()
    camera.resize(800, 600)
    camera.instant = true
    camera.zoomAt(3, 100, 100)
    expect(camera.view).toEqual(camera.goal)
    expect(camera.step(16)).toBe(false)
  })
  it('stays within bounds whatever the request', () => {
    const camera = new Camera()
    camera.go({ x: Number.NaN, y: 40, zoom: Number.POSITIVE_INFINITY }, 'instant')
    expect(camera.view).toEqual({ x: 0.5, y: 1, zoom: 1 })
  })
  it('zooms in until icons would only be blurred, and stays where a link has led further', () => {
    const camera = new Camera()
    camera.resize(1000, 1000)
    camera.largestScale = 4 * 940
    for (let k = 0; k < 20; k++) camera.zoomAt(2, 500, 500, 'instant')
    expect(camera.view.zoom).toBeCloseTo(4)
    camera.go({ x: 0.5, y: 0.5, zoom: 9 }, 'instant')
    camera.zoomAt(1.5, 500, 500, 'instant')
    expect(camera.view.zoom).toBe(9)
    camera.zoomAt(0.5, 500, 500, 'instant')
    expect(camera.view.zoom).toBe(4.5)
  })
  it('takes linked cameras along, and no others', () => {
    const [a, b, c] = [new Camera(), new Camera(), new Camera()]
    const link = new CameraLink()
    link.join(a!, () => {})
    const leave = link.join(b!, () => {})
    a!.go({ x: 0.2, y: 0.3, zoom: 5 }, 'instant')
    link.follow(a!, 'instant')
    expect(b!.view).toEqual(a!.view)
    leave()
    c!.go({ x: 0.9, y: 0.9, zoom: 2 }, 'instant')
    link.follow(c!, 'instant')
    expect(a!.view.zoom).toBe(5)
  })
})

describe('levels', () => {
  const grids = [10, 20, 40, 80, 160]
  it('shows finer grids the nearer one looks, and never jumps back on the way', () => {
    let current = grids[0]!
    for (let scale = 200; scale < 20_000; scale *= 1.02) {
      const next = chooseGrid(grids, scale, current)
      expect(next).toBeGreaterThanOrEqual(current)
      current = next
    }
    expect(current).toBe(160)
  })
  it('does not flicker at a boundary', () => {
    const edge = 20 * 20
    const shown = chooseGrid(grids, edge * 1.2, 10)
    expect(chooseGrid(grids, edge * 0.95, shown)).toBe(shown)
    expect(chooseGrid(grids, edge * 1.05, 10)).toBe(10)
  })
  it('never draws an icon with more than an eighth too few texels until the largest', () => {
    for (let pixels = 1; pixels < 71; pixels++) {
      expect([16, 32, 80][chooseRung(pixels)]! * 1.126).toBeGreaterThanOrEqual(Math.min(pixels, 80))
    }
  })
  it('keeps the coarser level until the finer one is there, and one of both opaque while they change', () => {
    const fade = new Crossfade()
    fade.set(10, false, false)
    expect(fade.shown).toBe(10)
    fade.set(20, false, false)
    expect(fade.shown).toBe(10)
    fade.set(20, true, false)
    expect([fade.shown, fade.leaving]).toEqual([20, 10])
    do {
      const { shown, leaving } = fade.opacity
      expect(1 - (1 - shown) * (1 - leaving)).toBeGreaterThan(0.9)
    } while (fade.step(10))
    expect(fade.leaving).toBeUndefined()
  })
})

describe('pages', () => {
  it('plans within the budget', () => {
    for (const mib of [48, 64, 128, 256, 512]) {
      const bytes = planPages(mib << 20).reduce((sum, n, rung) => sum + n * layerBytes(rung), 0)
      expect(bytes).toBeLessThanOrEqual(mib << 20)
    }
  })
  it('gives every tile a layer of its own, and evicts what was unused for longest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }), uses => {
        const table = new PageTable(4)
        const order: number[] = []
        uses.forEach((tile, frame) => {
          const place = table.allocate(String(tile), 1, frame + 1, 0)
          const at = order.indexOf(tile)
          if (at >= 0) order.splice(at, 1)
          else if (order.length === 4) expect(place?.evicted).toBe(String(order.shift()))
          order.push(tile)
          const layers = order.map(s => table.find(String(s))!.layer)
          expect(new Set(layers).size).toBe(order.length)
        })
      }),
    )
  })
  it('never takes the layer of a tile that this frame shows', () => {
    const table = new PageTable(2)
    table.allocate('a', 1, 5, 0)
    table.allocate('b', 1, 5, 0)
    expect(table.allocate('c', 1, 5, 0)).toBeUndefined()
    expect(table.find('a')).toBeDefined()
  })
})

describe('labels', () => {
  const className = (label: number) => `class number ${label}`
  const labels = mapLabels(40, syntheticLabels(cells(40), 40, 1), className)
  const texts = plainTexts(labels, undefined, className)
  it('name from afar a class or a group, and leave out cells without a reliable one', () => {
    const sorted = candidates(new CellIndex(cells(40)), texts)
    expect(sorted).toHaveLength(labels.cells.filter(cell => cell !== null).length)
    expect(sorted.length).toBeLessThan(labels.cells.length)
    for (const { cell, text } of sorted) {
      const { kind, name } = labels.cells[cell]!
      expect(text).toBe(`${name}${kind === 'group' ? ' (group)' : ''}`)
    }
  })
  it('list close up the strongest classes of the mean, the reliable one first and once', () => {
    const own = { kind: 'class', name: 'seven', class: 7, classes: 1, agreement: 0.9 } as const
    const group = { kind: 'group', name: 'dog', class: null, classes: 9, agreement: 0.8 } as const
    const strongest = {
      each: 3,
      index: Int32Array.of(5, 7, 6, 1, 2, 3, 4, -1, -1, -1, -1, -1),
      value: new Float32Array(12),
    }
    const made = plainTexts({ grid: 2, cells: [own, group, null, null], note: null }, strongest, String)
    expect(made.cells.map(cell => cell && [cell.far, cell.near, cell.reliable])).toEqual([
      ['seven', ['seven', '5', '6'], true],
      ['dog (group)', ['dog (group)', '1', '2'], true],
      [null, ['4'], false],
      null,
    ])
  })
  it('give under a filter the values of highlighted cells only, the strongest first', () => {
    const one = { colour: classColour(0), values: Float32Array.of(1, 10, 4, -10), maximum: 10 }
    const other = { colour: classColour(1), values: Float32Array.of(0, 1, 5, 0), maximum: 5 }
    const empty = { grid: 2, cells: [null, null, null, null], note: null }
    const far = (classes: (typeof one)[], names: string[]) =>
      filteredTexts(empty, { mode: 'heat', sign: 'for', classes }, names).cells.map(cell => cell?.far ?? null)
    expect(far([one], ['a'])).toEqual([null, '10.00', '4.00', null])
    expect(far([one, other], ['a', 'b'])).toEqual([null, 'a 10.00', 'b 5.00', null])
  })
  it('never overlap, lie inside the pane, and do not jump during a small movement', () => {
    const camera = new Camera()
    camera.resize(900, 700)
    const sorted = candidates(new CellIndex(cells(40)), texts)
    const placed = placeLabels(sorted, camera)
    expect(placed.length).toBeGreaterThan(5)
    placed.forEach((a, k) => {
      expect(a.x).toBeGreaterThanOrEqual(0)
      expect(a.x + a.width).toBeLessThanOrEqual(900)
      for (const b of placed.slice(k + 1)) {
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + LABEL_HEIGHT <= b.y || b.y + LABEL_HEIGHT <= a.y
        expect(apart).toBe(true)
      }
    })
    camera.pan(3, 2)
    const again = placeLabels(
      sorted,
      camera,
      placed.map(p => p.candidate),
    )
    const stayed = again.filter(p => placed.some(q => q.candidate === p.candidate))
    expect(stayed.length).toBeGreaterThanOrEqual(placed.length - 2)
  })

  it('are the same where only those nearby are tried, wherever the camera goes', () => {
    const camera = new Camera()
    camera.resize(900, 700)
    const sorted = candidates(new CellIndex(cells(40)), texts)
    const nearby = new NearbyLabels()
    const few: number[] = []
    let seen: readonly unknown[] = []
    let sought = 0
    for (let step = 0; step < 200; step++) {
      const zoom = step < 120 ? 1.05 ** step : 1.05 ** (240 - 2 * step)
      camera.go({ x: 0.5 + 0.4 * Math.sin(step / 30), y: 0.5 + 0.3 * Math.cos(step / 20), zoom }, 'instant')
      const near = nearby.of(sorted, camera)
      if (near !== seen) sought++
      seen = near
      few.push(near.length)
      expect(placeLabels(near, camera)).toEqual(placeLabels(sorted, camera))
    }
    expect(Math.min(...few)).toBeLessThan(sorted.length / 20)
    expect(sought).toBeLessThan(120)
  })
})

describe('cells', () => {
  it('are found where they lie, row first', () => {
    const all = cells(20)
    const index = new CellIndex(all)
    for (let k = 0; k < all.i.length; k++) {
      expect(index.at(all.i[k]!, all.j[k]!)).toBe(k)
      expect(index.near((all.j[k]! + 0.5) / 20, (all.i[k]! + 0.5) / 20)).toBe(k)
    }
    expect(index.at(-1, 0)).toBe(-1)
  })
  it('change the signature of their own tile only', () => {
    const all = cells(40)
    const changed = { ...all, state: all.state.slice() }
    changed.state[0] = 1
    const [a, b] = [new CellIndex(all), new CellIndex(changed)]
    const tile = a.tileOf(all.i[0]!, all.j[0]!)
    for (let t = 0; t < a.tiles ** 2; t++) expect(a.signature(t) === b.signature(t)).toBe(t !== tile)
  })
  it('inside a lasso are those whose centres it encloses', () => {
    const all = cells(20)
    const half = [
      { x: 0, y: 0 },
      { x: 0.5, y: 0 },
      { x: 0.5, y: 1 },
      { x: 0, y: 1 },
    ]
    const found = new Set(cellsInside(all, half))
    for (let k = 0; k < all.i.length; k++) expect(found.has(k)).toBe(all.j[k]! < 10)
  })
})

describe('stability as a shade', () => {
  it('goes from chance, faintest, to the most stable cell, in full', () => {
    const { look, from, to } = stabilityShade({ kept: Float32Array.of(0.1, 0.3, 0.6, 0.05) }, 0.1)
    expect([from, to]).toEqual([0.1, 0.6].map(Math.fround))
    const out = new Uint8Array(16)
    writeLook(look, 4, out)
    expect([3, 7, 11, 15].map(at => out[at])).toEqual([0, 102, 255, 0])
  })
  it('of a map that is nowhere above chance is faint everywhere', () => {
    const { look } = stabilityShade({ kept: Float32Array.of(0.1, 0.08) }, 0.1)
    const out = new Uint8Array(8)
    writeLook(look, 2, out)
    expect([out[3], out[7]]).toEqual([0, 0])
  })
})

describe('attribution as colour', () => {
  it('is a share of the class’s own maximum, of one sign', () => {
    expect(strength(3, 6, 'for')).toBe(0.5)
    expect(strength(-3, 6, 'for')).toBe(0)
    expect(strength(-3, 6, 'against')).toBe(0.5)
    expect(strength(Number.NaN, 6, 'for')).toBe(0)
    expect(strength(1, 0, 'for')).toBe(0)
    expect([6, -3, 0].map(value => strength(value, 6, 'both'))).toEqual([1, 0.5, 0])
  })
  it('of both signs is warm where it is positive and blue where it is negative, on one scale', () => {
    const out = new Uint8Array(12)
    const classes = [{ colour: classColour(0), values: Float32Array.of(4, -4, -1), maximum: 4 }]
    writeLook({ mode: 'heat', sign: 'both', classes }, 3, out)
    expect([...out.slice(0, 4)]).toEqual([...heat(1), 255])
    expect([...out.slice(4, 8)]).toEqual([...cold(1), 255])
    expect([...out.slice(8)]).toEqual([...cold(64 / 255), 64])
    expect(extremes({ min: -4, max: 1.5 }, 'both')).toBe('min −4.00, max 1.50')
  })
  it('gives each cell the hue of the class that is strongest by its own measure', () => {
    const out = new Uint8Array(8)
    const classes = [
      { colour: classColour(0), values: Float32Array.of(1, 1), maximum: 10 },
      { colour: classColour(1), values: Float32Array.of(0.05, 0.5), maximum: 1 },
    ]
    writeLook({ mode: 'hues', sign: 'for', classes }, 2, out)
    expect([...out.slice(0, 3)]).toEqual([...classColour(0)])
    expect([...out.slice(4, 7)]).toEqual([...classColour(1)])
    expect(out[7]).toBe(128)
  })
  it('rises in lightness along both ramps, and keeps the first six hues apart', () => {
    const light = ([r, g, b]: readonly [number, number, number]): number => 0.2126 * r + 0.7152 * g + 0.0722 * b
    for (const ramp of [heat, cold]) {
      for (let k = 1; k <= 20; k++) expect(light(ramp(k / 20))).toBeGreaterThan(light(ramp((k - 1) / 20)))
      // On a light background it is darkness that stands out.
      for (let k = 1; k <= 20; k++) expect(light(ramp(k / 20, true))).toBeLessThan(light(ramp((k - 1) / 20, true)))
    }
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < a; b++) {
        const [p, q] = [classColour(a), classColour(b)]
        expect(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])).toBeGreaterThan(60)
      }
    }
  })
})
