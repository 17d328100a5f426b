import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirm } from '../../electron/engine/evaluation/confirmed.ts'
import { tryInputs } from '../../electron/engine/evaluation/input-trial.ts'
import { knownClasses } from '../../electron/engine/evaluation/known-classes.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import { readModel } from '../../electron/engine/model/file.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import type { Preprocessing, Sidecar } from '../../electron/engine/model/sidecar.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { portolan, succeed } from '../fixtures/command-line.ts'
import { normals, random } from '../fixtures/random.ts'
import { modelFile } from '../fixtures/shared.ts'

let folder: string
let runtime: Runtime
const path = (name: string): string => join(folder, name)
const read = (name: string): Sidecar => JSON.parse(readFileSync(path(`${name}.model.json`), 'utf8'))

/**
 * Tells by the mean colour whether a photograph is reddish, greenish or bluish, fed `order`; a second output of as many
 * classes knows nothing.
 */
function colourNetwork(order: readonly [number, number, number], names = ['scores', 'aux']): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'image', type: 'float32', shape: ['N', 3, 16, 16] })
  const weights = float32([3, 3, 3, 3], normals(1, 81, 0.01))
  const same = g.node('Conv', ['image', g.initializer(weights)])
  const pooled = g.reshape(g.node('GlobalAveragePool', ['image']), [-1, 3])
  const linear = (x: string, values: Float32Array, name: string) =>
    g.append({
      ...{ op: 'Gemm', domain: '', name, inputs: [x, g.initializer(float32([3, 3], values))] },
      ...{ outputs: [name], attributes: {} },
    })
  const turn = new Float32Array(9)
  for (const [to, from] of order.entries()) turn[from * 3 + to] = 1
  linear(pooled, turn, names[0]!)
  linear(g.reshape(g.node('GlobalAveragePool', [g.node('Relu', [same])]), [-1, 3]), normals(2, 9), names[1]!)
  return g.build(
    'colours',
    names.map(name => ({ name, type: 'float32', shape: ['N', 3] })),
  )
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-init-'))
  runtime = await createCpuRuntime()
  const noise = random(5)
  for (let i = 0; i < 90; i++) {
    const tint = ['blueish', 'greenish', 'reddish'][i % 3]!
    mkdirSync(path(`tints/${tint}`), { recursive: true })
    const [b, g, r] = [0, 1, 2].map(channel => Math.round(60 + 90 * noise() + (channel === i % 3 ? 45 : 0)))
    await sharp({ create: { width: 16, height: 16, channels: 3, background: { r: r!, g: g!, b: b! } } })
      .png()
      .toFile(path(`tints/${tint}/${i}.png`))
  }
})
afterAll(async () => {
  await runtime.close()
  rmSync(folder, { recursive: true })
})

describe('model init with photographs whose classes are known', () => {
  it('confirms order of the colours, logits and labels, and keeps open what they do not decide', async () => {
    // Fed BGR, the first logit is that of blue; the wrong head is named like the scores of classes.
    writeFileSync(path('tints.onnx'), writeGraph(colourNetwork([0, 1, 2], ['aux_features', 'logits'])))
    const { out } = await succeed('model', 'init', path('tints.onnx'), '--images', path('tints'))
    const sidecar = read('tints')
    expect(sidecar.logits).toBe('aux_features')
    expect(sidecar.input.channels).toBe('BGR')
    expect(sidecar.labels).toEqual(['blueish', 'greenish', 'reddish'])
    expect(sidecar.unconfirmed).toContain('input.range')
    for (const field of ['input.channels', 'logits', 'labels']) expect(sidecar.unconfirmed).not.toContain(field)
    expect(sidecar.alternatives?.['input.range']).not.toContainEqual(sidecar.input.range)
    expect(out).toMatch(/ruled out/)
    expect(out).toMatch(/The 90 labelled photographs do not decide between BGR, .*stay to be confirmed/)
    expect(out).toMatch(/The labels are the folders in the order of their names\./)
  })

  it('changes nothing, and says so, where the photographs are recognised by chance', async () => {
    const noise = colourNetwork([0, 1, 2])
    // Only the output that knows nothing.
    writeFileSync(path('untrained.onnx'), writeGraph({ ...noise, outputs: noise.outputs.slice(1) }))
    const before = proposeSidecar(await readModel(path('untrained.onnx')))
    const { out } = await succeed('model', 'init', path('untrained.onnx'), '--images', path('tints'))
    expect(read('untrained')).toEqual(before)
    expect(out).toMatch(/The \d+ labelled photographs decide nothing: .* no better than by chance .*; check the labels/)
  })

  it('refuses photographs without a class of the network, and labels of another number, without writing anything', async () => {
    writeFileSync(path('bare.onnx'), writeGraph(colourNetwork([0, 1, 2])))
    mkdirSync(path('others'))
    copyFileSync(path('tints/reddish/2.png'), path('others/2.png'))
    const none = await portolan('model', 'init', path('bare.onnx'), '--images', path('others'))
    expect(none.err).toMatch(/none of the 1 photographs is labelled .* or name the classes in order with --labels/)
    writeFileSync(path('two.txt'), 'reddish\ngreenish\n')
    const two = await portolan('model', 'init', path('bare.onnx'), '--labels', path('two.txt'))
    expect(two.err).toMatch(/it has 3 classes at "scores", but two\.txt has 2/)
    expect([none.status, two.status]).toEqual([1, 1])
    writeFileSync(path('three.txt'), 'blueish\ngreenish\nreddish\n')
    await succeed('model', 'init', path('bare.onnx'), '--labels', path('three.txt'))
    expect(read('bare').labels).toBe('three.txt')
    expect(read('bare').unconfirmed).not.toContain('labels')
  })

  it('finds the preprocessing of the network that comes with Portolan, whatever was proposed', async () => {
    const photographs = new URL('../../resources/photographs/', import.meta.url)
    const file = modelFile('inceptionv1-portolan.onnx')!
    copyFileSync(file, path('demo.onnx'))
    const model = await readModel(path('demo.onnx'))
    const expected = proposeSidecar(model)
    const input: Preprocessing = {
      ...{ size: 224, channels: 'RGB', range: [0, 1], resize: 'stretch' },
      ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    }
    symlinkSync(photographs, path('photographs'))
    const { images } = await findImages([path('photographs')])
    const { labels, lines, photographs: known } = await knownClasses(1000, images, undefined)
    expect(lines).toHaveLength(1000)
    expect(known.length).toBeGreaterThan(900)
    const trials = await tryInputs(model, { ...expected, input }, labels, known, runtime)
    const { sidecar, confirmed, sentence } = confirm({ ...expected, input }, trials)
    expect(trials.recognises).toBe(true)
    expect(sidecar.input).toEqual({ ...input, channels: 'BGR', range: [0, 255], mean: [104, 117, 123], std: [1, 1, 1] })
    expect(confirmed).toEqual(['input.channels', 'input.range', 'input.mean', 'input.std'])
    expect(sentence).toMatch(/^Confirmed by \d+ labelled photographs: BGR, 0 to 255, minus 104, 117, 123, logits/)
    for (const { ruledOut, photographs: seen } of trials.trials.slice(1))
      expect([ruledOut, seen >= 24]).toEqual([true, true])
  })
})
