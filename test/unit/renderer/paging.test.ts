import { describe, expect, it } from 'vitest'
import { readView, writeView } from '../../../renderer/app/saved-view.ts'
import { Camera } from '../../../renderer/atlas/camera.ts'
import { CellIndex, TILE } from '../../../renderer/atlas/cells.ts'
import { PageTable } from '../../../renderer/atlas/page-table.ts'
import { Paging } from '../../../renderer/atlas/paging.ts'
import type { Level } from '../../../renderer/atlas/scene-state.ts'
import type { TileRequest, TileTextures } from '../../../renderer/atlas/tile-textures.ts'
import { tilesInView } from '../../../renderer/atlas/view-tiles.ts'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'
import { INITIAL } from '../../../renderer/state/view.ts'

const level = (grid: number): Level => ({
  index: new CellIndex(syntheticCells(grid, { seed: 1, samples: 1e6, full: true })),
  source: 'made up',
  url: (x, y, size) => `${grid}/${x},${y}@${size}`,
})
const camera = (zoom: number, x = 0.5, y = 0.5): Camera => {
  const made = new Camera()
  made.resize(800, 600)
  made.go({ x, y, zoom }, 'instant')
  return made
}

/** TileTextures without a GPU: requests are recorded. */
class Card {
  readonly tables = [new PageTable(160), new PageTable(40), new PageTable(20)]
  readonly requests: (readonly TileRequest[])[] = []
  revision = 0
  has(key: string, rung: number): boolean {
    return this.tables[rung]!.find(key) !== undefined
  }
  settled(key: string, rung: number): boolean {
    return this.has(key, rung)
  }
  request(requests: readonly TileRequest[]): void {
    this.requests.push(requests)
  }
  arrive({ key, rung, signature }: TileRequest, frame: number): void {
    this.tables[rung]!.allocate(key, signature, frame, 0)
    this.revision++
  }
}
const paging = (card: Card): Paging => new Paging(card as unknown as TileTextures)

describe('tiles in view', () => {
  it('are those that a pixel of the pane shows, each once, nearest to the middle first', () => {
    const { index } = level(160)
    for (const view of [camera(1, 0.53, 0.47), camera(6, 0.33, 0.68), camera(40, 0.01, 0.99)]) {
      const seen = new Set<number>()
      for (let px = 0; px <= 800; px += 2) {
        for (let py = 0; py <= 600; py += 2) {
          const { x, y } = view.toWorld(px, py)
          if (x < 0 || y < 0 || x >= 1 || y >= 1) continue
          seen.add(Math.floor((y * 160) / TILE) * index.tiles + Math.floor((x * 160) / TILE))
        }
      }
      const found = tilesInView(index, view, 0)
      expect(new Set(found)).toEqual(seen)
      expect(found).toHaveLength(seen.size)
      const middle = Math.floor((view.view.y * 160) / TILE) * index.tiles + Math.floor((view.view.x * 160) / TILE)
      expect(found[0]).toBe(middle)
    }
  })
})

describe('paging', () => {
  it('requests small icons in view first, then sharp ones, then those around; and once while nothing changes', () => {
    const card = new Card()
    const page = paging(card)
    const [fine, view] = [level(160), camera(8)]
    page.request(fine, undefined, view, 1, 1)
    page.request(fine, undefined, view, 1, 2)
    expect(card.requests).toHaveLength(1)
    const rungs = card.requests[0]!.map(r => r.rung)
    const inView = tilesInView(fine.index, view, 0).length
    expect(rungs.slice(0, inView).every(r => r === 0)).toBe(true)
    expect(rungs.slice(inView, 2 * inView).every(r => r > 0)).toBe(true)
    expect(rungs.slice(2 * inView).every(r => r === 0)).toBe(true)
    expect(rungs.length).toBeGreaterThan(2 * inView)
    card.arrive(card.requests[0]![0]!, 2)
    page.request(fine, undefined, view, 1, 3)
    expect(card.requests).toHaveLength(2)
  })
  it('is ready when every tile in view has come at some size, and sharp when at the right one', () => {
    const card = new Card()
    const page = paging(card)
    const [fine, view] = [level(160), camera(8)]
    page.request(fine, undefined, view, 1, 1)
    for (const request of card.requests[0]!) if (request.rung === 0) card.arrive(request, 1)
    expect(page.ready(fine, view)).toBe(true)
    expect(page.sharp(fine, view, 1)).toBe(false)
    for (const request of card.requests[0]!) if (request.rung > 0) card.arrive(request, 1)
    expect(page.sharp(fine, view, 1)).toBe(true)
    const { ready, inView } = page.count(fine, view)
    expect(ready).toBe(inView)
  })
  it('keeps what is in view from being evicted, frame after frame', () => {
    const card = new Card()
    const page = paging(card)
    const [fine, view] = [level(160), camera(8)]
    page.request(fine, undefined, view, 1, 1)
    const shown = card.requests[0]!.filter(r => r.rung === 0).slice(0, 3)
    for (const request of shown) card.arrive(request, 1)
    page.request(fine, undefined, view, 1, 50)
    for (const { key } of shown) expect(card.tables[0]!.find(key)!.lastUsed).toBe(50)
  })
})

describe('a placeholder source', () => {
  it('is shown where the own one has not arrived, and nowhere else', () => {
    const card = new Card()
    const page = paging(card)
    const [icons, view] = [level(40), camera(1)]
    const crops: Level = { ...icons, source: 'crops', placeholder: icons.source }
    page.request(icons, undefined, view, 1, 1)
    for (const request of card.requests[0]!) card.arrive(request, 1)
    page.request(crops, undefined, view, 1, 2)
    const [first] = card.requests[1]!
    card.arrive(first!, 2)
    const layers = (l: Level) => {
      const { entries } = page.entries(l, 1e6, true)
      return Array.from({ length: l.index.tiles ** 2 }, (_, tile) => Math.floor(entries[tile * 4]!))
    }
    const [own, shown] = [layers(icons), layers(crops)]
    const arrived = card.tables[0]!.find(first!.key)!.layer
    expect(shown.filter(layer => layer === arrived)).toHaveLength(1)
    expect(shown.filter((layer, tile) => layer === own[tile])).toHaveLength(shown.length - 1)
  })
})

describe('a stored view', () => {
  it('is restored, also one of an earlier version without photographs', () => {
    const view = { ...INITIAL, cameras: { 1: { x: 0.2, y: 0.3, zoom: 4 } } }
    const text = JSON.parse(JSON.stringify(writeView(view)))
    expect(readView(text)).toMatchObject({ panes: view.panes, cameras: view.cameras, active: 1 })
    for (const pane of text.panes) delete pane.pictures
    expect(readView(text)?.panes?.[0]?.pictures).toBe('icons')
    expect(readView({ ...text, version: 2 })).toBeUndefined()
  })
})
