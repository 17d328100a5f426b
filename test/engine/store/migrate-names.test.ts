import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { BuildJob } from '../../../electron/contract/build.ts'
import { InversionSchema } from '../../../electron/contract/inversion.ts'
import { LayoutParams } from '../../../electron/contract/layout.ts'
import { ClassAtlasJob, earlierPlanKey, planKey } from '../../../electron/engine/class-atlas/order.ts'
import { findAtlas } from '../../../electron/engine/store/atlases.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { keepChecksums } from '../../../electron/engine/store/checksums.ts'
import { applicationId } from '../../../electron/engine/store/header.ts'
import { listJobRecords } from '../../../electron/engine/store/jobs.ts'
import { contentKey, jobKey, keyForm } from '../../../electron/engine/store/keys.ts'
import { migrate } from '../../../electron/engine/store/migrate.ts'
import { migrations } from '../../../electron/engine/store/migrations/all.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { storedPredictions } from '../../../electron/engine/store/predictions.ts'
import { temporaryFolder, who } from './project.ts'

/** The last version in which the minimum number of samples was called `least`. */
const BEFORE = 12

/** The preset `draft` of that version, whose values are part of keys. */
const inversion = InversionSchema.parse({
  size: { pixels: 96, field: 0.8 },
  steps: 24,
  tries: 1,
  batch: 32,
  learningRate: 0.2,
  transforms: {
    views: [
      { until: 0.45, size: { pixels: 48, field: 0.5 } },
      { until: 1, size: { pixels: 96, field: 0.8 } },
    ],
    zoom: [0.95, 1.1],
    rotation: 8,
    shift: 0.07,
  },
  objective: { kind: 'scale-free', power: 6, centring: 0.8, saturation: 2, whiten: false },
  image: { falloff: 0.9, colour: [1, 1.35, 1.7] },
  optimizer: { betas: [0.5, 0.95], epsilon: 4, decay: 0.9, warmup: 0, floor: 0.05 },
  boundary: false,
  redirect: false,
})
const layout = LayoutParams.parse({ neighbours: 15 })
const build = {
  model: '/models/net.onnx',
  folders: ['/photographs'],
  params: {
    ...{ layers: ['mixed4c'], positionsPerImage: 3, seed: 0, layout, layoutSeed: 0, grids: [10, 20], least: 3 },
    ...{ attribution: 'exact', ridge: 1e-3, preset: 'draft', inversion },
  },
}
const part = {
  ...{ model: '/models/net.onnx', samples: 'samples', base: 'base' },
  params: {
    ...{ layer: 'mixed4c', filter: { rank: 1, magnitude: 200, sign: 'positive' }, grids: [8, 16], least: 5 },
    ...{ layout: { method: 'umap', neighbours: 20, minDist: 0.02, metric: 'cosine' }, layoutSeed: 0 },
    ...{ attribution: 'exact', ridge: 1e-3, preset: 'draft', inversion, seed: 0, kind: 'class', class: 3 },
  },
}
const other = { model: '/models/net.onnx', folders: ['/photographs'] }

/** A project of that version with three jobs, an atlas and two predictions; one of the predictions is damaged. */
function earlierProject(): string {
  const file = join(temporaryFolder(), 'old.portolan')
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  old.pragma(`application_id = ${applicationId}`)
  migrate(old, migrations.slice(0, BEFORE))
  keepChecksums(old)
  const job = old.prepare(`INSERT INTO jobs (kind, key, params, state, queued, updated) VALUES (?, ?, ?, 'done', 1, 1)`)
  for (const [kind, params] of [
    ['atlas build', build],
    ['class atlas', part],
    ['photographs', other],
  ] as const)
    job.run(kind, contentKey({ kind, params }), JSON.stringify(params))
  old.exec(`
    INSERT INTO project VALUES (1, 42, 'portolan then');
    INSERT INTO models (hash, name, file, sidecar, layers) VALUES ('hash', 'net', '/models/net.onnx', '{}', '[]');
    INSERT INTO sample_sets (id, key, model, seed, per_image, images, n) VALUES (1, 'set', 'hash', 0, 1, 'images', 0);
    INSERT INTO matrices (id, set_id, tensor, layer, kind, width, row_bytes) VALUES (1, 1, 'a', 'a', 'activation', 1, 2);
    INSERT INTO layouts (id, key, set_id, tensor, name, params, seed, n, notes, xy)
      VALUES (1, 'layout', 1, 'a', 'umap', '{}', 0, 0, '{}', x'');
    INSERT INTO atlases (id, key, name, set_id, tensor, layer, layout, attribution, whitening, preset, created)
      VALUES (1, 'atlas', 'a, draft', 1, 'a', 'a', 1, 'exact', '{}', '${JSON.stringify({ name: 'draft', seed: 0, least: 3, ...inversion })}', 1);
    INSERT INTO answers VALUES ('classifier', 'one', '[3,1]'), ('classifier', 'two', '[1]');
  `)
  old.close()
  const tampering = new Database(file)
  tampering.exec(`UPDATE answers SET top = '[2]' WHERE image = 'two'`)
  tampering.close()
  return file
}

test('jobs and atlases of an earlier project have the minimum number of samples under its present name', () => {
  const file = earlierProject()
  using project = openProject(file, { mode: 'write', who })
  const [last, second, first] = listJobRecords(project)
  const { least, ...params } = build.params
  expect(BuildJob.parse(first!.params).params).toEqual({ ...params, minSamples: least })
  expect(ClassAtlasJob.parse(second!.params).params).toMatchObject({ minSamples: 5, class: 3 })
  for (const { kind, key, params } of [first!, second!]) expect(key).toBe(jobKey(kind, params))
  expect([last!.params, last!.key]).toEqual([other, jobKey('photographs', other)])
  expect(findAtlas(project, 'atlas')!.preset).toEqual({ name: 'draft', seed: 0, minSamples: 3, ...inversion })
})

test('predictions of an earlier project are found, and a damaged one stays damaged', () => {
  const file = earlierProject()
  using project = openProject(file, { mode: 'write', who })
  expect(storedPredictions(project, 'classifier').get('one')).toEqual([3, 1])
  project.close()
  expect(checkProject(file).faults).toEqual(['predictions "classifier two": the contents do not match the checksum'])
})

test('keys of atlases and plans are those of earlier versions', () => {
  // Computed by the version before the minimum number of samples was renamed.
  const { least, ...params } = part.params
  const job = ClassAtlasJob.parse({ ...part, params: { ...params, minSamples: least } })
  expect(planKey(job)).toBe('a1c16774b7c905903616a7bab58f0a3e9f444505c769b1b52ac4ddd7a53dfe90')
  expect(earlierPlanKey(job)).toBe('61da2945971be765e415b26254b3ff3826cc0fc4c151284e04296443ce3198ea')
  const atlas = { atlas: 2, layout: 'layout', attribution: 'exact', icons: 'icons', classifier: 'classifier' }
  expect(contentKey(keyForm({ ...atlas, minSamples: 3 }))).toBe(contentKey({ ...atlas, least: 3 }))
})
