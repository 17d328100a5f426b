import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadClassifier } from '../../../electron/engine/model/load.ts'
import { classifierKey, enterModel } from '../../../electron/engine/registry/enter.ts'
import { putExperiment } from '../../../electron/engine/store/experiments.ts'
import { createProject } from '../../../electron/engine/store/open.ts'
import { putFolder, putPhotographs } from '../../../electron/engine/store/photographs.ts'
import { appendTrials, findTrials, type TrialRow } from '../../../electron/engine/store/trials.ts'
import { writeNetwork } from '../../fixtures/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-trials-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [SOURCE, TARGET, OTHER] = [1, 2, 3]

it('trials begin with flips to the target, then those to other classes, the most probable target first', async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  const db = createProject(join(folder, 'a.portolan'), { command: 'a test' })
  const classifier = await loadClassifier(join(folder, 'net.onnx'))
  enterModel(db, classifier)
  const photographs = ['right', 'wrong'].map(name => ({
    ...{ relative: `${name}.png`, class: null, status: 'ok' as const, hash: name, width: 1, height: 1 },
  }))
  const [right, wrong] = putPhotographs(db, putFolder(db, folder, 'photographs'), photographs)
  const models = [{ model: classifier.hash, classifier: classifierKey(classifier), source: SOURCE, target: TARGET }]
  const { id: experiment } = putExperiment(db, { key: 'a', kind: 'experiment', plan: null, models, now: 0 })
  const trial = (image: number, variant: number, winner: number, targetProbability: number): TrialRow => ({
    ...{ image, variant, winner, winnerProbability: 0.5, sourceProbability: 0.5, targetProbability },
    ...{ sourceLogit: 0, targetLogit: 0 },
  })
  appendTrials(db, { experiment, model: 0 }, [
    trial(right!, -1, SOURCE, 0),
    trial(right!, 0, SOURCE, 0.45),
    trial(right!, 1, OTHER, 0.3),
    trial(right!, 2, TARGET, 0.6),
    trial(right!, 3, TARGET, 0.9),
    // Not the source before: no flip, however probable the target is.
    trial(wrong!, -1, OTHER, 0.2),
    trial(wrong!, 0, TARGET, 0.99),
  ])
  const all = { experiment, model: null, image: null, from: 0, below: 10, flipped: 0 }
  const { total, rows } = findTrials(db, all, 'flipped', 0, 10)
  expect(total).toBe(5)
  expect(rows.map(({ image, variant }) => [image === right ? 'right' : 'wrong', variant])).toEqual([
    ['right', 3],
    ['right', 2],
    ['right', 1],
    ['wrong', 0],
    ['right', 0],
  ])
  db.close()
})
