import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fidelityOfGrid, fillActivations, iconsWithoutActivation } from '../../electron/engine/atlas/icon-fidelity.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { type AtlasRecord, listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells } from '../../electron/engine/store/cells.ts'
import { iconsOfGrid } from '../../electron/engine/store/icons.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { command, type Writable } from '../../electron/engine/store/sql.ts'
import { cosine } from '../../electron/engine/vectors/cosine.ts'
import { portolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const GRID = 3
let folder: string
let db: Writable
let atlas: AtlasRecord
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fidelity-'))
  const [net, photos, project] = ['net.onnx', 'photos', 'a.portolan'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeNetwork(net)
  await writePhotographs(photos, 24)
  const options = [
    '--layers',
    'mixed3b',
    '--grid',
    String(GRID),
    '--min-samples',
    '1',
    '--preset',
    'draft',
    '--steps',
    '4',
  ]
  const { status, err } = await portolan('atlas', 'build', project, '--model', net, '--images', photos, ...options)
  expect(status, err).toBe(0)
  db = openProject(project, { mode: 'write', who: { command: 'a test' } })
  atlas = listAtlases(db)[0]!
}, 120_000)
afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

describe('the activation of an icon', () => {
  it('is stored with it: its cosine with the direction is the fidelity', () => {
    const icons = new Map(iconsOfGrid(db, atlas.id, GRID).map(icon => [icon.key, icon]))
    const cells = listCells(db, atlas.id, GRID).filter(({ icon }) => icon !== null)
    expect(cells.length).toBeGreaterThan(2)
    for (const { icon: key, direction } of cells) {
      const icon = icons.get(key!)!
      expect(cosine(icon.activation!, direction!)).toBeCloseTo(icon.fidelity!, 6)
    }
  })

  it('is computed from the picture where an earlier version did not store it', async () => {
    const before = iconsOfGrid(db, atlas.id, GRID)
    const compared = await fidelityOfGrid(db, atlas, GRID)
    db.run(command<Readonly<Record<never, never>>>('UPDATE icons SET activation = NULL'), {})
    expect(iconsWithoutActivation(db, atlas, GRID)).toHaveLength(before.length)
    const unknown = await fidelityOfGrid(db, atlas, GRID)
    expect(unknown.summary).toMatchObject({ icons: 0, of: before.length, fidelity: null, chance: null, nearest: 0 })
    const classifier = await loadClassifier(join(folder, 'net.onnx'))
    const runtime = await createCpuRuntime()
    try {
      expect(await fillActivations(db, atlas, GRID, { classifier, runtime })).toBe(before.length)
    } finally {
      await runtime.close()
    }
    for (const [at, { activation }] of iconsOfGrid(db, atlas.id, GRID).entries())
      expect(cosine(activation!, before[at]!.activation!)).toBeCloseTo(1, 5)
    const again = await fidelityOfGrid(db, atlas, GRID)
    expect([...again.ranks].map(([cell, { rank }]) => [cell, rank])).toEqual(
      [...compared.ranks].map(([cell, { rank }]) => [cell, rank]),
    )
    expect(again.summary.chance).toBeCloseTo(compared.summary.chance!, 5)
  })
})
