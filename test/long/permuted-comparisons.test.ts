import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Source } from '../../electron/engine/class-atlas/source.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { listSampleSets } from '../../electron/engine/store/samples.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { overPermutations, permutedComparison } from '../fixtures/permuted-comparisons.ts'

/*
 * Comparisons of the samples that come with Portolan, their differences of attributions exchanged between photographs. With
 * PORTOLAN_PROJECT and PORTOLAN_MODEL those of another project.
 */
const PERMUTATIONS = 50
const PAIRS = [
  ['n02066245', 'n01484850', 'grey whale, great white shark'],
  ['n04251144', 'n10565667', 'snorkel, scuba diver'],
  ['n03400231', 'n04596742', 'frying pan, wok'],
  ['n03344393', 'n04335435', 'fireboat, streetcar'],
  ['n04310018', 'n10565667', 'steam locomotive, scuba diver'],
] as const
const { PORTOLAN_PROJECT, PORTOLAN_MODEL = 'resources/models/inceptionv1-portolan.onnx' } = process.env

let folder: string
let db: Writable
let runtime: Runtime

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-permuted-'))
  const project = PORTOLAN_PROJECT ?? join(folder, 'shipped.portolan')
  if (PORTOLAN_PROJECT === undefined) {
    const samples = 'resources/samples/inceptionv1-portolan.samples'
    const { status, err } = await startPortolan('samples', 'import', project, samples, '--model', PORTOLAN_MODEL).ended
    expect(status, err).toBe(0)
  }
  db = openProject(project, { mode: 'write', who: { command: 'a test' } })
  runtime = await createCpuRuntime({ threads: 1 })
}, 120_000)

afterAll(async () => {
  db.close()
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

it('calls a cell of a permuted comparison significant in at most 6 % of the maps, as by its own difference it did in all', async () => {
  const classifier = await loadClassifier(PORTOLAN_MODEL)
  const set = listSampleSets(db)[0]!.id
  const totals = { crossFitted: { maps: 0, any: 0 }, byOwnDifference: { maps: 0, any: 0 } }
  for (const name of ['mixed4d', 'mixed5b'])
    for (const [left, right, pair] of PAIRS) {
      const layer = findLayer(classifier, name)
      const source: Source = { db, set, classifier, layer, attribution: 'exact', runtime }
      const indexOf = (synset: string): number => classifier.labels.find(label => label.synset === synset)!.index
      const found = await permutedComparison(source, [indexOf(left), indexOf(right)], PERMUTATIONS)
      for (const method of ['byOwnDifference', 'crossFitted'] as const) {
        const { any, maps, ...cells } = overPermutations(found[method])
        const own = found[method][0]!
        process.stdout.write(
          `${name}, ${pair}: ${found.samples} samples of ${found.photographs} photographs, ${method}: own ${own.significant} of ${own.tested} cells; permuted ${cells.significant} of ${cells.tested} cells, any in ${any} of ${maps} maps\n`,
        )
        totals[method].any += any
        totals[method].maps += maps
      }
    }
  expect(totals.byOwnDifference.any).toBe(totals.byOwnDifference.maps)
  const { any, maps } = totals.crossFitted
  expect(any / maps).toBeLessThanOrEqual(0.06)
})
