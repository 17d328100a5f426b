import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namelessLabels, parseLabels, readLabels } from '../../electron/engine/model/label-file.ts'
import {
  distinctNames,
  fileNameOf,
  findLabel,
  labelOfHint,
  referenceTo,
  sameClass,
  unknownHints,
  unknownHintsText,
} from '../../electron/engine/model/labels.ts'
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
    '"crane" is ambiguous between 2 classes: "n02012849" (1 n02012849 crane), "n03126707" (3 n03126707 crane); use one of these references',
  )
})

test('an unknown class is refused with near spellings', () => {
  expect(() => findLabel(labels, 'tenhc')).toThrow('none of the 6 classes is "tenhc"; did you mean "tench"?')
  expect(() => findLabel(labels, 'zeppelin')).toThrow('none of the 6 classes is "zeppelin"; use an index')
  expect(() => findLabel(labels, '6')).toThrow('none of the 6 classes is "6"')
  expect(() => findLabel(labels, 'n99999999')).toThrow('none of the 6 classes is "n99999999"')
})

test('a hint that names no class, or several, is no class', () => {
  expect(labelOfHint(labels, 'n02012849')?.index).toBe(1)
  expect(labelOfHint(labels, 'tiger_cat')?.index).toBe(5)
  expect(labelOfHint(labels, 'crane')).toBeUndefined()
  expect(labelOfHint(labels, 'holiday')).toBeUndefined()
  expect(labelOfHint(labels, undefined)).toBeUndefined()
  expect(findLabel(namelessLabels(4), 'class 2').index).toBe(2)
})

const numbers = parseLabels(['1', '10', '11', '12', '2', '3', '4', '5', '6', '7', '8', '9'], 'x')
const scripts = parseLabels(['caf\u00e9 rouge', '黄色い花', 'зелёный', 'ひまわり', 'CD/DVD', 'bottle'], 'x')

test('a label that is a number and an index are two readings, and each can be chosen', () => {
  expect(() => findLabel(numbers, '2')).toThrow(
    '"2" is ambiguous between 2 classes: "label:11" (2 11), "label:2" (4 2); use one of these references',
  )
  expect(findLabel(numbers, 'index:2').index).toBe(2)
  expect(findLabel(numbers, 'label:2').index).toBe(4)
  // There is no class 12 to count to.
  expect(findLabel(numbers, '12').index).toBe(3)
  expect(findLabel(numbers, '0').index).toBe(0)
})

test('folders that are numbers are labels where labels are numbers, and indices elsewhere', () => {
  for (const { index, name } of numbers) expect(labelOfHint(numbers, name)?.index).toBe(index)
  expect(labelOfHint(numbers, '0')).toBeUndefined()
  expect(labelOfHint(labels, '005')?.index).toBe(5)
})

test('names are compared in composed form, on both sides', () => {
  const decomposed = parseLabels(['cafe\u0301 rouge'], 'x')
  expect(decomposed[0]!.name).toBe('caf\u00e9 rouge')
  for (const { index, name } of scripts) {
    expect(findLabel(scripts, name.normalize('NFD')).index).toBe(index)
    expect(labelOfHint(scripts, name.normalize('NFD').replace('/', '_'))?.index).toBe(index)
  }
})

test('labels that differ only after a comma stay complete names', () => {
  const bottles = parseLabels(['bottle, beer', 'cup, mug', 'bottle, wine'], 'x')
  expect(bottles.map(({ name }) => name)).toEqual(['bottle, beer', 'cup', 'bottle, wine'])
  expect(findLabel(bottles, 'Bottle, wine').index).toBe(2)
  expect(findLabel(bottles, 'wine').index).toBe(2)
  expect(findLabel(bottles, 'cup, mug').index).toBe(1)
  expect(() => findLabel(bottles, 'bottle')).toThrow('"bottle, beer" (0 bottle, beer), "bottle, wine" (2 bottle, wine)')
})

test('no two classes look the same, and each has a reference that means it alone', () => {
  const hostile = parseLabels(
    ['crane', 'Crane', 'crane (0)', 'n02012849 crane', 'n02012849 crane', '3', 'index:1', 'label:3', '3', 'crane [0]'],
    'x',
  )
  const names = distinctNames(hostile)
  expect(new Set(names.map(name => name.toLowerCase())).size).toBe(hostile.length)
  for (const label of hostile) expect(findLabel(hostile, referenceTo(hostile, label)).index).toBe(label.index)
  expect(distinctNames(labels)).toEqual([
    'tench',
    'crane (n02012849)',
    'great white shark',
    'crane (n03126707)',
    'tiger',
    'tiger cat',
  ])
  const files = new Set(hostile.map(label => fileNameOf(label)))
  expect(files.size).toBe(hostile.length)
  expect(scripts.map(fileNameOf)).toEqual([
    'café-rouge-0',
    '黄色い花-1',
    'зелёный-2',
    'ひまわり-3',
    'cd-dvd-4',
    'bottle-5',
  ])
})

test('hints in paths of photographs without a class are counted', () => {
  const unknown = unknownHints(labels, ['crane', 'tench', 'holiday', 'crane', undefined, 'crane'])
  expect(unknown.map(({ hint, photographs }) => [hint, photographs])).toEqual([
    ['crane', 3],
    ['holiday', 1],
    [null, 1],
  ])
  expect(unknownHintsText(unknown)).toBe(
    '3 in "crane", the name of 2 classes; 1 in "holiday", which names no class; 1 in no sub-folder named after a class',
  )
})

test('the same class of another network is found by its synset or label, never by its index', () => {
  expect(sameClass(numbers.toReversed(), numbers[4]!, 'other').name).toBe('2')
  expect(() => sameClass(scripts, numbers[4]!, 'other')).toThrow('other has no class "2"')
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

const encoded = (text: string, encoding: 'utf16le' | 'utf16be'): Buffer => {
  const bytes = Buffer.from(text, 'utf16le')
  return encoding === 'utf16be' ? bytes.swap16() : bytes
}
test.each([
  ['UTF-8', Buffer.from('café\n黄色い花\n\n')],
  ['UTF-8 with a mark', Buffer.from('\uFEFFcafé\n黄色い花')],
  ['UTF-16 little-endian', encoded('\uFEFFcafé\r\n黄色い花\r\n', 'utf16le')],
  ['UTF-16 big-endian', encoded('\uFEFFcafé\r\n黄色い花\r\n', 'utf16be')],
  ['UTF-16 that has lost its mark', encoded('café\r\n黄色い花\r\n', 'utf16le')],
])('label files in %s are read', async (_, bytes) => {
  await writeFile(join(folder, 'encoded.txt'), bytes)
  const names = await readLabels(join(folder, 'net.onnx'), 'encoded.txt')
  expect(names.map(({ name }) => name)).toEqual(['café', '黄色い花'])
})

test('a label file in an older encoding is refused by line and byte', async () => {
  await writeFile(join(folder, 'latin.txt'), Buffer.from('cat\nd\u00f6g\ncaf\u00e9', 'latin1'))
  await expect(readLabels(join(folder, 'net.onnx'), 'latin.txt')).rejects.toThrow(
    'cannot read latin.txt: line 2 has the byte 0xF6, which is not UTF-8 (it may be Windows-1252 or another older encoding); save the file as UTF-8',
  )
  // It is the letter that isn't UTF-8, and not the end of the line that a longer character would go on over.
  await writeFile(join(folder, 'end.txt'), Buffer.from('cat\ncaf\u00e9\ndog', 'latin1'))
  await expect(readLabels(join(folder, 'net.onnx'), 'end.txt')).rejects.toThrow('line 2 has the byte 0xE9')
  await writeFile(join(folder, 'cut.txt'), Buffer.from('cat\n花').subarray(0, -1))
  await expect(readLabels(join(folder, 'net.onnx'), 'cut.txt')).rejects.toThrow('line 2 has the byte 0xE8')
  await writeFile(join(folder, 'gap.txt'), 'cat\n\ndog\n')
  await expect(readLabels(join(folder, 'net.onnx'), 'gap.txt')).rejects.toThrow('line 2 is empty')
})

test.each([
  ['../windows.txt', 'must be in the folder of the model'],
  ['/etc/hostname', 'must be in the folder of the model'],
  ['sub\\x.txt', 'must be in the folder of the model'],
  ['..', 'must be in the folder of the model'],
  ['link.txt', 'a link that leads out'],
  ['gone.txt', 'it is not in the folder of the model'],
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
    expect(new Set(distinctNames(imagenet)).size).toBe(1000)
    expect(imagenet.every(label => findLabel(imagenet, referenceTo(imagenet, label)) === label)).toBe(true)
    expect(imagenet.every(label => findLabel(imagenet, label.synset) === label)).toBe(true)
  },
)
