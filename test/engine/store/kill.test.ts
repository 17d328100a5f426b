import { expect, test } from 'vitest'
import { findActivations, float32Pages } from '../../../electron/engine/store/activations.ts'
import { bytesOf } from '../../../electron/engine/store/bytes.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { sampleSet } from '../../../electron/engine/store/samples.ts'
import { startChild } from './children.ts'
import { emptySet, markedRows, temporaryProject, who } from './project.ts'

test('killed at twenty random moments, the project opens with every committed batch whole and none half', async () => {
  const layers = [
    { name: 'mixed3b', channels: 96 },
    { name: 'mixed4c', channels: 200 },
  ]
  const batch = 2600
  const first = temporaryProject()
  const { file } = first
  const { set, image } = emptySet(first, layers)
  first.close()
  const args = [file, String(image), String(batch), JSON.stringify(layers.map(each => [each.name, each.channels]))]
  // Any moments will do; these are the same every time (a linear congruential generator).
  let seed = 1
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed / 2 ** 31
  }
  let n = 0
  for (let kill = 0; kill < 20; kill++) {
    const child = startChild('store/append.child.ts', ...args)
    // The first kill of five comes at any moment of the start, the others amid appending.
    if (kill % 5 > 0) await child.line()
    await new Promise(resolve => setTimeout(resolve, random() * 200))
    await child.kill()
    const reported = Number(child.lines.at(-1) ?? 0)
    expect(checkProject(file).faults).toEqual([])
    using db = openProject(file, { mode: 'write', who })
    const reached = sampleSet(db, set.id)!.n
    // What was reported as committed is there; a batch may have been committed and not reported.
    expect(reached).toBeGreaterThanOrEqual(Math.max(n, reported))
    expect(reached % batch).toBe(0)
    n = reached
  }
  // Fifteen kills came after at least one batch: pages were sealed on the way, not only tails written.
  expect(n).toBeGreaterThan(2 * 16_384)
  using db = openProject(file, { mode: 'read' })
  for (const { name, channels } of layers)
    for (const page of float32Pages(db, findActivations(db, set.id, name)!))
      expect(Buffer.compare(bytesOf(page.values), bytesOf(markedRows(page.start, page.count, channels)))).toBe(0)
})
