import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { applicationId } from '../../../electron/engine/store/header.ts'
import { classifierKey } from '../../../electron/engine/store/keys.ts'
import { migrate } from '../../../electron/engine/store/migrate.ts'
import { migrations } from '../../../electron/engine/store/migrations/all.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { temporaryFolder, who } from './project.ts'

/** The version before layers were kept by their tensors. */
const BEFORE = 6

test('a project of the version before keeps its results, under the tensors of its layers', () => {
  const file = join(temporaryFolder(), 'old.portolan')
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  old.pragma(`application_id = ${applicationId}`)
  migrate(old, migrations.slice(0, BEFORE))
  const input = { size: 32, channels: 'RGB' }
  const layers = [
    { name: 'a', tensor: '/Relu_output_0' },
    { name: 'b', tensor: '/Relu_1_output_0' },
  ]
  const sidecar = { input, logits: 'logits', labels: [{ synset: '', name: 'red', synonyms: [] }] }
  old.exec(`
    INSERT INTO project VALUES (1, 42, 'portolan then');
    INSERT INTO models VALUES ('hash', 'net', '../six/net.onnx', '${JSON.stringify(sidecar)}', '${JSON.stringify(layers)}');
    INSERT INTO jobs (kind, key, params, state, queued, updated)
      VALUES ('atlas build', 'k', '{"model":"/home/me/six/net.onnx"}', 'done', 1, 1);
    INSERT INTO folders VALUES (1, 'photos', '/photos');
    INSERT INTO images VALUES (1, 1, 'a.jpg', 'ff', 9, 9, NULL, 'ok', NULL);
    INSERT INTO sample_sets VALUES (1, 'set', 'hash', 0, 1, 'images', 1, 7);
    INSERT INTO samples VALUES (1, 0, 1, .5, .5);
    INSERT INTO matrices VALUES (1, 1, 'a', 'activation', 1, NULL, 2, 1, 0), (2, 1, 'a', 'exact', 1, NULL, 2, 1, 0),
      (3, 1, 'unnamed', 'activation', 1, NULL, 2, 1, 0);
    INSERT INTO matrix_tails VALUES (1, 0, 1, x'0102'), (2, 0, 1, x'0304'), (3, 0, 1, x'0506');
    INSERT INTO moments (set_id, layer, n, channels, data, fourth) VALUES (1, 'b', 1, 1, x'0000000000000000', 0);
    INSERT INTO layouts (id, key, set_id, layer, name, params, seed, n, notes, xy)
      VALUES (1, 'layout', 1, 'a', 'umap', '{}', 0, 1, '{}', x'0000000000000000');
    INSERT INTO atlases (id, key, name, set_id, layer, layout, attribution, whitening, preset, created)
      VALUES (1, 'atlas', 'a, preview', 1, 'a', 1, 'exact', '{}', '{}', 1);
    INSERT INTO cells (atlas, grid, i, j, count, x, y) VALUES (1, 2, 0, 0, 1, .5, .5);
  `)
  old.close()
  openProject(file, { mode: 'write', who }).close()
  const db = new Database(file)
  const key = classifierKey({ network: 'hash', input, logits: 'logits' })
  const all = (sql: string) => db.prepare(sql).raw().all()
  expect(all('SELECT file, classifier FROM models')).toEqual([['/home/me/six/net.onnx', key]])
  expect(all('SELECT key, model, logits, labels FROM classifiers')).toEqual([
    [key, 'hash', 'logits', JSON.stringify(sidecar.labels)],
  ])
  expect(all('SELECT id, tensor, layer, kind, classifier, assumed FROM matrices ORDER BY id')).toEqual([
    [1, '/Relu_output_0', 'a', 'activation', '', 0],
    [2, '/Relu_output_0', 'a', 'exact', key, 1],
    [3, 'unnamed', 'unnamed', 'activation', '', 0],
  ])
  expect(all('SELECT count(*) FROM matrix_tails')).toEqual([[3]])
  expect(all('SELECT tensor FROM moments')).toEqual([['/Relu_1_output_0']])
  expect(all('SELECT tensor, layer FROM layouts')).toEqual([['/Relu_output_0', 'a']])
  expect(all('SELECT tensor, layer, classifier, assumed FROM atlases')).toEqual([['/Relu_output_0', 'a', key, 1]])
  expect(all('SELECT count(*) FROM cells')).toEqual([[1]])
  db.close()
})
