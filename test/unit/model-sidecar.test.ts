import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseSidecar, sidecarPath } from '../../electron/engine/model/sidecar.ts'
import { modelFile, skipReason } from '../fixtures/shared.ts'

const good = {
  name: 'Net',
  input: { size: 224, channels: 'BGR', range: [0, 255], mean: [104, 117, 123], std: [1, 1, 1] },
  logits: 'fc',
  labels: 'labels.txt',
  layers: { mixed3a: 'inception_3a/output' },
}
const parse = (value: unknown) => parseSidecar(JSON.stringify(value), 'net.model.json')

test('omitted fields have defaults', () => {
  const sidecar = parse(good)
  expect(sidecar.input.resize).toBe('stretch')
  expect(sidecar.license).toBe('unknown')
  expect(sidecar.labels).toBe('labels.txt')
})

test('the sidecar is beside the model', () => {
  expect(sidecarPath('/a/b.c/net.v2.onnx')).toBe('/a/b.c/net.v2.model.json')
  expect(sidecarPath('NET.ONNX')).toBe('NET.model.json')
})

const input = (change: object) => ({ ...good, input: { ...good.input, ...change } })

describe('an error is one sentence with file, field, value and requirement', () => {
  test.each([
    ['a wrong order of channels', input({ channels: 'GBR' }), '"input.channels" is "GBR", but must be "RGB" or "BGR"'],
    ['two means', input({ mean: [104, 117] }), /"input.mean" is \[104,117\], but must be/],
    ['a mean of text', input({ mean: [1, '2', 3] }), '"input.mean.1" is "2", but must be a number'],
    ['a deviation of 0', input({ std: [1, 0, 1] }), '"input.std" is [1,0,1], but must be three numbers above 0'],
    [
      'a range backwards',
      input({ range: [255, 0] }),
      '"input.range" is [255,0], but must be two numbers, black before white',
    ],
    ['half a pixel', input({ size: 22.5 }), '"input.size" is 22.5, but must be a whole number'],
    ['no pixels', input({ size: 0 }), '"input.size" is 0, but must be 8 or more'],
    ['no logits', { ...good, logits: undefined }, '"logits" is missing; it must be a text'],
    ['no name', { ...good, name: '' }, '"name" is "", but must be a text that is not empty'],
    ['labels that are a number', { ...good, labels: 5 }, '"labels" is 5, but must be a file name or a list of names'],
    ['layers as a list', { ...good, layers: ['a'] }, '"layers" is ["a"], but must be an object of names and tensors'],
    [
      'a misspelt field',
      { ...good, input: { ...good.input, chanels: 'RGB' } },
      '"input.chanels" is an unknown field; the fields are size, channels, range, mean, std, resize',
    ],
    ['a field too many', { ...good, layer: {} }, /"layer" is an unknown field; the fields are name, input, logits/],
    [
      'a layer with control characters in its name',
      { ...good, layers: { 'a\u001b[2J': 'mixed3a' } },
      'a layer in it is called "a\\u001b[2J", but names of layers have 1 to 200 characters',
    ],
    [
      'one with a name too long',
      { ...good, layers: { ['x'.repeat(201)]: 'mixed3a' } },
      /called "x{59}…, but names of layers/,
    ],
    ['one without a name', { ...good, layers: { '': 'mixed3a' } }, 'a layer in it is called "", but names of layers'],
    ['a list', [1], /it is \[1\], but must be an object/],
  ])('%s', (_, value, message) => {
    const expected = typeof message === 'string' ? `cannot use net.model.json: ${message}` : message
    expect(() => parse(value)).toThrow(expected)
  })

  test('no JSON', () =>
    expect(() => parseSidecar('{', 'net.model.json')).toThrow(/net\.model\.json: it is not JSON .*model init/))
})

describe.each(['bvlc_googlenet', 'inceptionv1-portolan'])('%s', name => {
  const file = modelFile(`${name}.model.json`)
  test.skipIf(!file)(`has a sidecar${file ? '' : ` (skipped: ${skipReason})`}`, () => {
    const sidecar = parseSidecar(readFileSync(file!, 'utf8'), file!)
    expect(Object.keys(sidecar.layers)).toHaveLength(9)
    expect(sidecar.input.mean).toEqual([104, 117, 123])
  })
})
