import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from './dice.ts'

export type Json = Record<string, unknown>
export const inputOf = (sidecar: Json): Json => sidecar.input as Json

/** Values of every kind, most of which no field takes. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    -1e308,
    1e-320,
    2 ** 53,
    '',
    ' ',
    'RGB',
    'logits',
    '\u001b]0;x\u0007',
    '\u0000',
  ],
  ...[
    '\u202egpj',
    '\ud800',
    'x'.repeat(100_000),
    '/dev/zero',
    '../labels.txt',
    [],
    [0],
    [0, 1],
    [1, 0],
    [0, 0],
    [1, 2, 3],
  ],
  ...[
    [0.1, 0.2, 0.3, 0.4],
    ['a', 'b', 'c'],
    [null, null, null],
    {},
    { a: 1 },
    { mixed3a: 'mixed3a' },
    [[[]]],
    [24, 24],
  ],
  ...[[24, 40], 24, 23, 8, 7, 4096, 4097, Array.from({ length: 10 }, (_, i) => `class ${i}`)],
]
const TENSORS = ['mixed3a', 'mixed3b', 'data', 'prob', 'pooled', 'flat', 'fc.weight', 'nowhere', 'norm1', 'logits', '']
const NUMBERS = [0, 1, -1, 0.5, 255, 1e-6, 1e-7, 1e6, 1e7, 1e300, 1e-300, 128, 0.001]

/** Ways to write wrong or odd descriptions. What is returned is the file's text or bytes, where it is no object any more. */
export const sidecarDamage: Readonly<
  Record<string, (sidecar: Json, dice: Dice, folder: string) => string | Uint8Array | undefined>
> = {
  'a field': (sidecar, { pick }) => {
    sidecar[pick(Object.keys(sidecar))] = pick(VALUES)
    return undefined
  },
  'a field of the input': (sidecar, { pick }) => {
    inputOf(sidecar)[pick([...Object.keys(inputOf(sidecar)), 'resize'])] = pick([
      ...VALUES,
      'RGB',
      'BGR',
      'crop',
      'stretch',
    ])
    return undefined
  },
  'a number of the input': (sidecar, { pick, below }) => {
    const numbers = inputOf(sidecar)[pick(['range', 'mean', 'std'])] as unknown[]
    numbers[below(numbers.length)] = pick([...NUMBERS, ...NUMBERS, '1', null])
    return undefined
  },
  'several numbers of the input': (sidecar, { pick }) => {
    for (const field of ['range', 'mean', 'std']) {
      const numbers = inputOf(sidecar)[field] as unknown[]
      for (const at of numbers.keys()) numbers[at] = pick(NUMBERS)
    }
    return undefined
  },
  'a field left out': (sidecar, { pick, next }) => {
    const from = next() < 0.5 ? sidecar : inputOf(sidecar)
    delete from[pick(Object.keys(from))]
    return undefined
  },
  'another field': (sidecar, { pick, next }) => {
    const to = next() < 0.5 ? sidecar : inputOf(sidecar)
    to[
      pick([
        'x',
        '__proto__',
        'constructor',
        '\u001b[2J',
        'x'.repeat(100_000),
        'license',
        'source',
        'unconfirmed',
        'alternatives',
        'probabilities',
      ])
    ] = pick(VALUES)
    return undefined
  },
  logits: (sidecar, { pick }) => {
    sidecar.logits = pick(TENSORS)
    return undefined
  },
  layers: (sidecar, { pick }) => {
    sidecar.layers = {
      [pick(['a', '', '\u001b[2J', '__proto__', 'mixed3a', 'x'.repeat(9999)])]: pick([...TENSORS, ...VALUES]),
    }
    return undefined
  },
  probabilities: (sidecar, { pick }) => {
    sidecar.probabilities = pick(['softmax', 'sigmoid', 'sigmoid', 'Softmax', null, ''])
    return undefined
  },
  'labels of another number': (sidecar, { pick }) => {
    const count = pick([0, 1, 9, 11, 1000, 100_000])
    sidecar.labels = Array.from({ length: count }, (_, i) => `thing ${i}`)
    return undefined
  },
  'odd labels': (sidecar, { pick, below }) => {
    const labels = sidecar.labels as unknown[]
    labels[below(labels.length)] = pick([
      '',
      ' ',
      ',',
      'thing 1',
      '\u001b]0;x\u0007',
      '\u202egpj',
      'a\nb',
      'x'.repeat(100_000),
      5,
      null,
      'n01440764',
      'e\u0301',
      'a, b',
      '__proto__',
    ])
    return undefined
  },
  'labels in a file': (sidecar, { pick, next, below }, folder) => {
    sidecar.labels = pick([
      'labels.txt',
      'labels.txt',
      'labels.txt',
      'missing.txt',
      'pipe',
      'folder',
      'zero',
      'link.txt',
      '..',
      '/etc/passwd',
      'labels.txt\u0000',
      'big.txt',
    ])
    const ten = Array.from({ length: 10 }, (_, i) => `thing ${i}`)
    const contents: (() => string | Uint8Array)[] = [
      () => ten.join('\n'),
      () => `${ten.join('\r\n')}\r\n`,
      () => Buffer.from(`\ufeff${ten.join('\n')}`, 'utf16le'),
      () => '',
      () => '\n'.repeat(10),
      () => ten.slice(1).join('\n'),
      () => Uint8Array.from({ length: 500 }, () => below(256)),
      () => Buffer.from(ten.join('\n').replace('3', '\u001b[31m')),
      () => Buffer.concat([Buffer.from(ten.join('\n')), Buffer.of(0xff)]),
      () => 'x'.repeat(1_000_000),
    ]
    writeFileSync(join(folder, 'labels.txt'), next() < 0.3 ? ten.join('\n') : pick(contents)())
    return undefined
  },
  'damaged bytes': (sidecar, { below, next }) => {
    const bytes = Buffer.from(JSON.stringify(sidecar))
    const at = below(bytes.length)
    if (next() < 0.3) return bytes.subarray(0, at)
    bytes[at] = below(256)
    return bytes
  },
  'another text': (sidecar, { pick }) => {
    const text = JSON.stringify(sidecar)
    return pick([
      ...[
        '',
        ' ',
        'null',
        '[]',
        '0',
        '"x"',
        '{',
        '\ufeff{}',
        `\ufeff${text}`,
        `${text}x`,
        `// ${text}`,
        '['.repeat(200_000),
      ],
      ...[
        Buffer.from(`\ufeff${text}`, 'utf16le'),
        Buffer.alloc(1000),
        Buffer.from([0xff, 0xfe, 0x00]),
        '{"a":'.repeat(50_000),
      ],
      ...[
        text.replace('"size":24', '"size":1e999'),
        text.replace('"size":24', '"size":24,"size":24'),
        text.replace('0.5', '0.50'),
      ],
    ])
  },
  'an odd file': (_, { pick }) => pick(['pipe', 'folder', 'absent', 'link to nothing', 'link', 'zero']),
}
