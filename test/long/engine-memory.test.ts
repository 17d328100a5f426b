import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureUrl } from '../../electron/contract/pictures.ts'
import { BOUNDS } from '../../electron/engine/bounds/bounds.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { photograph } from '../fixtures/images.ts'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { memoryText, weighed } from '../memory/engine.ts'

const MEBIBYTE = 2 ** 20
/** What may stay beside the bounded cache of results: compiled code and statements, and pieces of libraries' heaps. */
const KEPT = 75 * MEBIBYTE

describe.skipIf(process.platform !== 'linux')('the engine under many requests for pictures at once (Linux)', () => {
  let folder: string
  let engine: EngineClient
  let key: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portolan-memory-'))
    const file = await writeSyntheticProject(join(folder, 'project'), { samples: 100_000, grids: [20, 160] })
    engine = await EngineClient.start(join(folder, 'data'))
    const project = await engine.call('project.open', { file })
    key = project.key
  }, 300_000)
  afterAll(async () => {
    await engine.stop()
    rmSync(folder, { recursive: true })
  })

  test('makes 300 regions of 4,096 pixels in bounded memory, and gives it back', async () => {
    const large = join(folder, 'large.jpg')
    await photograph(6000, 4000, 9).jpeg().toFile(large)
    const [added] = (await engine.call('photograph.add', { files: [large] })).added
    const held = await weighed(engine, () =>
      Promise.all(
        Array.from({ length: 300 }, async (_, i) => {
          const box = { left: i - 0.5, top: -2, right: i + 3, bottom: 4 }
          const image = i % 10 === 0 ? added!.id : 1 + (i % 16)
          expect(await engine.picture({ kind: 'photo', project: key, image, box, size: 4096 })).not.toBeNull()
        }),
      ),
    )
    process.stdout.write(`${memoryText('300 regions at once', held)}\n`)
    expect(held.peak - held.before).toBeLessThan(600 * MEBIBYTE)
    expect(held.after - held.before).toBeLessThan(KEPT)
  })

  test('makes 100 sheets of icons in bounded memory, a second time as well, and gives it back', async () => {
    const [atlas] = await engine.call('atlas.list', {})
    for (const revision of [1, 2]) {
      let answered = 0
      const held = await weighed(engine, () =>
        Promise.all(
          Array.from({ length: 100 }, async (_, tile) => {
            const [tileI, tileJ] = [Math.floor(tile / 10), tile % 10]
            const which = {
              kind: 'icons',
              project: key,
              atlas: atlas!.id,
              grid: 160,
              tileI,
              tileJ,
              size: 64,
              revision,
            } as const
            const sheet = await engine.picture(which)
            expect(sheet, pictureUrl(which)).not.toBeNull()
            answered += sheet!.bytes.length
          }),
        ),
      )
      process.stdout.write(
        `${memoryText(`100 sheets of ${Math.round(answered / MEBIBYTE)} MiB, time ${revision}`, held)}\n`,
      )
      expect(held.peak - held.before).toBeLessThan(600 * MEBIBYTE)
      expect(held.after - held.before).toBeLessThan(Math.min(answered, BOUNDS.cacheBytes) + KEPT)
    }
  })
})
