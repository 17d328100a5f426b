import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Progress } from '../../electron/contract/progress.ts'
import { checkInput } from '../../electron/engine/inference/input-check.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { checkRange } from '../../electron/engine/model/range.ts'
import type { Preprocessing } from '../../electron/engine/model/sidecar.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { colours, flatImages, writeColours } from '../fixtures/colours.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'

let folder: string
let runtime: Runtime
let classifier: Classifier
/** How often a network was loaded, which a check does once. */
let loads = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-check-'))
  const cpu = await createCpuRuntime({ threads: 1 })
  runtime = new Proxy(cpu, {
    get(target, key) {
      if (key === 'load') loads++
      const value = Reflect.get(target, key) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  classifier = await writeColours(folder, 'colours', colours([2, 1, 0], 0.1, -30))
})

afterAll(async () => {
  await runtime?.close()
  await rm(folder, { recursive: true, force: true })
})

const flat = (count: number) => async () => flatImages(count)

describe('the check of the input', () => {
  let stages: Progress[] = []
  const check = async (given: Partial<Parameters<typeof checkInput>[2]> = {}, of = classifier) => {
    const before = loads
    stages = []
    const result = await checkInput(of, runtime, {
      report: progress => stages.push(progress),
      file: join(folder, 'checks.json'),
      ...given,
    })
    return { ...result, ran: loads - before }
  }

  it('is made once, reports that it runs, and is stored', async () => {
    const first = await check()
    expect(first).toMatchObject({ ran: 1, photographs: false, images: 8 })
    expect(stages[0]).toMatchObject({ stage: 'check of the input', done: 0 })
    expect(await check()).toEqual({ ...first, ran: 0 })
    expect(stages).toEqual([])
  })

  it('is made again for another preprocessing, and after the file is damaged', async () => {
    const preprocessing = { ...classifier.preprocessing, range: [0, 250] as [number, number] }
    expect((await check({}, { ...classifier, preprocessing })).ran).toBe(1)
    expect((await check()).ran).toBe(0)
    await writeFile(join(folder, 'checks.json'), (await readFile(join(folder, 'checks.json'), 'utf8')).slice(1))
    expect((await check()).ran).toBe(1)
  })

  it('with photographs replaces that with synthetic images, and holds for others', async () => {
    expect(await check({ photographs: flat(12) })).toMatchObject({ ran: 1, images: 12, warning: null })
    expect(await check({ photographs: flat(14) })).toMatchObject({ ran: 0, images: 12 })
    expect(await check()).toMatchObject({ ran: 0, images: 12, photographs: true })
    expect(await check({ photographs: flat(13), again: true })).toMatchObject({ ran: 1, images: 13 })
    expect(await check({ photographs: async () => undefined })).toMatchObject({ ran: 0, images: 13 })
  })

  it('with photographs is made again after a fault', async () => {
    const preprocessing: Preprocessing = { ...classifier.preprocessing, range: [0, 1], mean: [0, 0, 0] }
    const faulty = { ...classifier, preprocessing }
    for (const images of [12, 14]) {
      const found = await check({ photographs: flat(images) }, faulty)
      expect(found).toMatchObject({ ran: 1, images })
      expect(found.warning).toMatch(/check "range"/)
    }
  })

  const models = sharedFolder('models')
  it.skipIf(!models)(
    `finds a wrong range with synthetic images, which are few (skipped where ${skipReason})`,
    async () => {
      const network = await loadClassifier(`${models}/bvlc_googlenet.onnx`)
      expect((await checkRange(network, runtime)).warning).toBeUndefined()
      const preprocessing = { ...network.preprocessing, range: [0, 1] as [number, number], mean: [0, 0, 0] as const }
      const { warning } = await checkRange(
        { ...network, preprocessing: { ...preprocessing, mean: [0, 0, 0] } },
        runtime,
      )
      expect(warning).toMatch(/with 0 to 255 .*check "range"/)
    },
  )
})
