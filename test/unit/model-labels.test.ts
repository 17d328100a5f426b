import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findLabel, labelOfHint, namelessLabels, parseLabels, readLabels } from '../../electron/engine/model/labels.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'

const labels = parseLabels(
  [
    'n01440764 tench, Tinca tinca',
    'n02012849 crane',
    'n01484850 great white shark, white shark, man-eater',
    'n03126707 crane',
    'n02129604 tiger, Panthera tigris',
    'n02123159 tiger cat, tiger',
  ],
  'labels.txt',
)

test('a line is a synset, a name and further names, or a name alone', () => {
  expect(labels[2]).toEqual({
    index: 2,
    synset: 'n01484850',
    name: 'great white shark',
    synonyms: ['white shark', 'man-eater'],
  })
  expect(parseLabels(['cat', ' red car , truck'], 'x')).toEqual([
    { index: 0, synset: '', name: 'cat', synonyms: [] },
    { index: 1, synset: '', name: 'red car', synonyms: ['truck'] },
  ])
  expect(() => parseLabels(['cat', '', 'dog'], 'labels.txt')).toThrow(/labels\.txt: line 2 is empty/)
})

test.each([
  ['3', 3],
  ['n03126707', 3],
  ['Great_White_Shark', 2],
  ['tinca tinca', 0],
  // A first name comes before a further name of another class.
  ['tiger', 4],
])('class %s is number %i', (wanted, index) => expect(findLabel(labels, wanted).index).toBe(index))

test('a name of two classes is refused with both', () => {
  expect(() => findLabel(labels, 'crane')).toThrow(
    '"crane" is the name of 2 classes: 1 n02012849 crane, 3 n03126707 crane; name one by its index or synset',
  )
})

test('an unknown class is refused with near spellings', () => {
  expect(() => findLabel(labels, 'tenhc')).toThrow('there is no class "tenhc" among the 6; did you mean "tench"?')
  expect(() => findLabel(labels, 'zeppelin')).toThrow('there is no class "zeppelin" among the 6; name one by')
  expect(() => findLabel(labels, '6')).toThrow('there is no class "6"')
  expect(() => findLabel(labels, 'n99999999')).toThrow('there is no class')
})

test('a hint that says nothing, or too much, is no class', () => {
  expect(labelOfHint(labels, 'n02012849')?.index).toBe(1)
  expect(labelOfHint(labels, 'tiger_cat')?.index).toBe(5)
  expect(labelOfHint(labels, 'crane')).toBeUndefined()
  expect(labelOfHint(labels, 'holiday')).toBeUndefined()
  expect(labelOfHint(labels, undefined)).toBeUndefined()
  expect(findLabel(namelessLabels(4), 'class 2').index).toBe(2)
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-labels-'))
  await writeFile(join(folder, 'windows.txt'), '\uFEFFcat\r\ndog\r\n')
  await symlink('/etc/hostname', join(folder, 'link.txt'))
  await symlink('windows.txt', join(folder, 'inside.txt'))
})
afterAll(() => rm(folder, { recursive: true }))

test('label files are read from beside the model, whatever their line ends', async () => {
  const model = join(folder, 'net.onnx')
  for (const name of ['windows.txt', 'inside.txt'])
    expect((await readLabels(model, name)).map(label => label.name)).toEqual(['cat', 'dog'])
})

test.each([
  ['../windows.txt', 'must lie beside the model'],
  ['/etc/hostname', 'must lie beside the model'],
  ['sub\\x.txt', 'must lie beside the model'],
  ['..', 'must lie beside the model'],
  ['link.txt', 'a link that leads out'],
  ['gone.txt', 'it is not beside the model'],
])('labels %s are refused', async (name, why) => {
  await expect(readLabels(join(folder, 'net.onnx'), name)).rejects.toThrow(why)
})

const models = sharedFolder('models')
test.skipIf(!models)(
  `ImageNet has 1000 classes, two of them "crane", two "maillot" (skipped where ${skipReason})`,
  async () => {
    const imagenet = await readLabels(`${models}/bvlc_googlenet.onnx`, 'imagenet-synsets.txt')
    expect(imagenet).toHaveLength(1000)
    for (const name of ['crane', 'maillot']) expect(() => findLabel(imagenet, name)).toThrow('2 classes')
    expect(imagenet.every(label => findLabel(imagenet, label.synset) === label)).toBe(true)
  },
)
