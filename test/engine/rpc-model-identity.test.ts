import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { classify } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { writePhotographs } from '../fixtures/project-files.ts'
import { twoHeads, twoHeadsSidecar } from '../fixtures/two-heads.ts'

/** Models that are corrected while a window is open. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-rpc-identity-'))
const model = join(folder, 'net.onnx')
let engine: EngineClient
let photo: string

const describeAs = (change: Readonly<Record<string, unknown>>): void =>
  writeFileSync(join(folder, 'net.model.json'), JSON.stringify(twoHeadsSidecar(change)))

beforeAll(async () => {
  await writePhotographs(join(folder, 'photos'), 1)
  photo = join(folder, 'photos', readdirSync(join(folder, 'photos'))[0]!)
  writeFileSync(model, writeGraph(twoHeads()))
  describeAs({})
  engine = await EngineClient.start(folder)
  await engine.call('project.create', { file: join(folder, 'p.portolan') })
}, 120_000)
afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What `portolan classify` predicts with the sidecar as it is. */
async function expected(): Promise<Float32Array> {
  const runtime = await createCpuRuntime({ threads: 1 })
  try {
    const { predictions } = await classify(await loadClassifier(model), runtime, [{ file: photo }])
    return predictions[0]!.logits
  } finally {
    await runtime.close()
  }
}

test('a model that is added again with other logits is used with them at once, everywhere', async () => {
  const added = await engine.call('models.add', { file: model })
  const {
    added: [photograph],
  } = await engine.call('photograph.add', { files: [photo] })
  const predict = async () => {
    const { logits } = await engine.call('photograph.predict', { model: added.hash, image: photograph!.id, limit: 10 })
    const composition = { image: photograph!.id, patches: [] }
    const live = await engine.call('patch.compose', { model: added.hash, composition, top: 10, pinned: [] })
    const position = {
      model: added.hash,
      image: photograph!.id,
      layer: 'late',
      row: 1,
      column: 1,
      classes: 3,
      atlas: null,
    }
    const { for: inFavour } = await engine.call('photograph.position', position)
    return {
      logits: logits.toSorted((a, b) => a.index - b.index).map(({ value }) => value),
      live: live!.after.top.map(({ index, logit }) => ({ index, logit })),
      inFavour,
    }
  }
  const before = await predict()
  for (const [index, value] of (await expected()).entries()) expect(before.logits[index]).toBeCloseTo(value, 4)
  describeAs({ logits: 'logits' })
  // Until it is added again the project uses its own description of the model, and reports that the sidecar differs.
  expect((await predict()).logits).toEqual(before.logits)
  const [noted] = await engine.call('models.list', {})
  expect(noted).toMatchObject({ available: true, note: expect.stringContaining('(logits)') })
  const again = await engine.call('models.add', { file: model })
  expect(again).toMatchObject({ hash: added.hash, note: null })
  const after = await predict()
  for (const [index, value] of (await expected()).entries()) expect(after.logits[index]).toBeCloseTo(value, 4)
  expect(after.live).not.toEqual(before.live)
  expect(after.inFavour).not.toEqual(before.inFavour)
}, 120_000)

test('a network that was retrained in place is reported as changed, and not used', async () => {
  const { hash } = await engine.call('models.add', { file: model })
  const {
    added: [photograph],
  } = await engine.call('photograph.add', { files: [photo] })
  copyFileSync(model, join(folder, 'original.onnx'))
  writeFileSync(model, writeGraph(twoHeads(2)))
  const [listed] = await engine.call('models.list', {})
  expect(listed).toMatchObject({ available: false, note: expect.stringContaining('is not the model') })
  const composition = { image: photograph!.id, patches: [] }
  await expect(engine.call('patch.compose', { model: hash, composition, top: 3, pinned: [] })).rejects.toThrow(
    'is not the model',
  )
  writeFileSync(model, readFileSync(join(folder, 'original.onnx')))
  const [back] = await engine.call('models.list', {})
  expect(back).toMatchObject({ available: true, note: null })
}, 120_000)

test('an atlas reports when its model was described otherwise, or replaced, since', async () => {
  describeAs({})
  const { hash } = await engine.call('models.add', { file: model })
  const { job: reading } = await engine.call('folder.add', { folder: join(folder, 'photos') })
  expect(await engine.ended(reading)).toMatchObject({ state: 'done' })
  const [photographs] = await engine.call('folder.list', {})
  const { job } = await engine.call(
    'atlas.build',
    smallPlan({ model: hash, folders: [photographs!.id], layers: ['late'], samples: 20 }),
  )
  expect(await engine.ended(job)).toMatchObject({ state: 'done' })
  const reason = async () => (await engine.call('atlas.list', {}))[0]!.outdated
  expect(await reason()).toBeNull()
  describeAs({ logits: 'logits' })
  await engine.call('models.add', { file: model })
  expect(await reason()).toBe('was built before the description of its model was corrected')
}, 120_000)
