import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { photograph } from '../fixtures/images.ts'
import { random } from '../fixtures/random.ts'
import { type Dice, diceOf } from './dice.ts'
import { judged } from './models.ts'
import { computed, type Preparation, prepared } from './referee.ts'
import { Counting, type Tally } from './report.ts'
import { Runner } from './runner.ts'
import { tiffOf } from './tiff.ts'
import { EDGE, type Victim, writeModel } from './victim.ts'

/** A photograph as a file, before something happens to it. */
interface Source {
  readonly name: string
  readonly bytes: Buffer
}

/** One photograph in every format and form that is read: all of EDGE × EDGE, so that nothing is resized. */
async function sources(): Promise<readonly Source[]> {
  const one = () => photograph(EDGE, EDGE, 5).removeAlpha()
  const other = await photograph(EDGE, EDGE, 6).removeAlpha().png().toBuffer()
  const frames = sharp([await one().png().toBuffer(), other], { join: { animated: true } })
  const forms: Readonly<Record<string, () => Promise<Buffer>>> = {
    'a.jpg': () => one().jpeg().toBuffer(),
    'progressive.jpg': () => one().jpeg({ progressive: true }).toBuffer(),
    'turned.jpg': () => one().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'cmyk.jpg': () => one().toColourspace('cmyk').jpeg().toBuffer(),
    'grey.jpg': () => one().greyscale().jpeg().toBuffer(),
    'profile.jpg': () => one().withIccProfile('p3').jpeg().toBuffer(),
    'a.png': () => one().png().toBuffer(),
    '16-bit.png': () => one().toColourspace('rgb16').png().toBuffer(),
    'palette.png': () => one().png({ palette: true }).toBuffer(),
    'clear.png': () => one().ensureAlpha(0.5).png().toBuffer(),
    'a.webp': () => one().webp().toBuffer(),
    'lossless.webp': () => one().webp({ lossless: true }).toBuffer(),
    'animated.webp': () => frames.clone().webp().toBuffer(),
    'a.gif': () => one().gif().toBuffer(),
    'animated.gif': () => frames.clone().gif().toBuffer(),
    'a.tiff': () => one().tiff({ compression: 'none' }).toBuffer(),
    'lzw.tiff': () => one().tiff({ compression: 'lzw' }).toBuffer(),
    'jpeg.tiff': () => one().tiff({ compression: 'jpeg' }).toBuffer(),
    'float.tiff': () =>
      one()
        .toColourspace('scrgb')
        .raw({ depth: 'float' })
        .toBuffer({ resolveWithObject: true })
        .then(({ data, info }) =>
          sharp(new Float32Array(data.buffer, data.byteOffset, data.length / 4), {
            raw: { width: EDGE, height: EDGE, channels: info.channels },
          })
            .tiff({ compression: 'none' })
            .toBuffer(),
        ),
    'pages.tiff': async () => tiffOf(EDGE, await one().greyscale().raw().toBuffer(), 3),
    'a.avif': () => one().avif({ effort: 0 }).toBuffer(),
  }
  return Promise.all(Object.entries(forms).map(async ([name, make]) => ({ name, bytes: await make() })))
}

const flip = (bytes: Buffer, at: number, { below }: Dice): void => {
  bytes[at] = bytes[at]! ^ (1 << below(8))
}

const damages: Readonly<Record<string, (bytes: Buffer, dice: Dice) => Buffer>> = {
  nothing: bytes => bytes,
  'one bit': (bytes, dice) => {
    flip(bytes, dice.below(bytes.length), dice)
    return bytes
  },
  'one bit of the head': (bytes, dice) => {
    flip(bytes, dice.below(Math.min(bytes.length, 64)), dice)
    return bytes
  },
  'ten bytes': (bytes, { below }) => {
    for (let i = 0; i < 10; i++) bytes[below(bytes.length)] = below(256)
    return bytes
  },
  'a byte of ones or zeros': (bytes, { below, pick }) => {
    bytes[below(bytes.length)] = pick([0, 255])
    return bytes
  },
  'a cut': (bytes, { below }) => bytes.subarray(0, below(bytes.length)),
  'a cut near the end': (bytes, { below }) => bytes.subarray(0, bytes.length - 1 - below(20)),
  'a piece left out': (bytes, { below }) => {
    const at = below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(40))])
  },
  'a piece twice': (bytes, { below }) => {
    const at = below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at + 1 + below(40)), bytes.subarray(at)])
  },
  'zeros appended': bytes => Buffer.concat([bytes, Buffer.alloc(1000)]),
  'zeros in place of the rest': (bytes, { below }) => bytes.fill(0, below(bytes.length)),
  'another size': (bytes, { pick }) => {
    const length = pick([0, 1, 23, 25, 1000, 16_383, 30_000, 65_535])
    return resized(bytes, length)
  },
}

/** The lengths that a file states, changed where its format keeps them, with a checksum that is right; or a cut of that length. */
function resized(bytes: Buffer, length: number): Buffer {
  const head = bytes.toString('latin1', 0, 4)
  if (head === '\x89PNG') {
    bytes.writeUInt32BE(length * 1000, 16)
    bytes.writeUInt32BE(length * 1000, 20)
    bytes.writeUInt32BE(crc(bytes.subarray(12, 29)), 29)
  } else if (head === 'GIF8') {
    bytes.writeUInt16LE(length, 6)
    bytes.writeUInt16LE(length, 8)
  } else if (head.startsWith('\xff\xd8')) {
    const at = [0xc0, 0xc2].map(marker => bytes.indexOf(Buffer.of(0xff, marker, 0))).find(found => found >= 0)
    if (at === undefined) return bytes
    bytes.writeUInt16BE(length, at + 5)
    bytes.writeUInt16BE(length, at + 7)
  } else if (head === 'II*\0') {
    const directory = bytes.readUInt32LE(4)
    for (let entry = 0; entry < bytes.readUInt16LE(directory); entry++) {
      const at = directory + 2 + 12 * entry
      if ([256, 257].includes(bytes.readUInt16LE(at))) bytes.writeUInt32LE(length, at + 8)
    }
  } else return bytes.subarray(0, length)
  return bytes
}

/** CRC-32 as PNG has it. */
function crc(bytes: Buffer): number {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}

/** Names that are no plain files, and what is right of them: the sound photograph, or a refusal. */
const oddPlaces: Readonly<Record<string, (file: string, victim: Victim) => 'sound' | 'refused'>> = {
  'a pipe': file => {
    execFileSync('mkfifo', [file])
    return 'refused'
  },
  'a folder': file => {
    mkdirSync(file)
    return 'refused'
  },
  nothing: () => 'refused',
  'a link': (file, { photo }) => {
    symlinkSync(photo, file)
    return 'sound'
  },
  'a link to nothing': file => {
    symlinkSync('nothing', file)
    return 'refused'
  },
  'a link to itself': file => {
    symlinkSync(file, file)
    return 'refused'
  },
  'a device': file => {
    symlinkSync('/dev/zero', file)
    return 'refused'
  },
  'a link to a pipe': file => {
    execFileSync('mkfifo', [`${file}.pipe`])
    symlinkSync(`${file}.pipe`, file)
    return 'refused'
  },
  'no bytes': file => {
    writeFileSync(file, '')
    return 'refused'
  },
  'zeros only': file => {
    writeFileSync(file, Buffer.alloc(100_000))
    return 'refused'
  },
  'four gigabytes of zeros': file => {
    writeFileSync(file, '')
    truncateSync(file, 2 ** 32)
    return 'refused'
  },
  '100,000 pages': file => {
    writeFileSync(file, tiffOf(1, Buffer.alloc(1), 100_000))
    return 'refused'
  },
}
/** Every so many cases is such a place. */
const EVERY = 25

const EXTENSIONS = ['jpg', 'png', 'webp', 'tiff', 'gif', 'JPG', 'onnx', '']

/**
 * Damaged photographs, and what is no photograph under the name of one: each has to be refused in a sentence, or the
 * prediction has to be what the referee computes of the pixels that libvips decodes by itself. A PNG has checksums: damage
 * of its bytes is noticed, or makes no difference.
 * @param only case that is tried alone
 */
export async function fuzzPhotographs(victim: Victim, seed: number, count: number, only?: number): Promise<Tally> {
  const folder = join(victim.folder, `photographs-${seed}`)
  mkdirSync(folder, { recursive: true })
  const model = writeModel(folder, 'net', victim.model, victim.sidecar)
  const all = await sources()
  const next = random(seed)
  const runner = new Runner({ time: 60_000 })
  const tally = new Counting()
  const logitsOf = async (bytes: Buffer | string) => {
    const pixels = await decoded(bytes)
    return pixels instanceof Error
      ? pixels
      : computed(victim.model, prepared(pixels, EDGE, victim.sidecar.input as Preparation), 'logits')
  }
  const kinds = Object.keys(damages)
  const places = Object.keys(oddPlaces)
  for (let i = 0; i < count; i++) {
    const dice = diceOf(random(Math.floor(next() * 2 ** 31)))
    const odd = i % EVERY === EVERY - 1 ? places[Math.floor(i / EVERY) % places.length]! : undefined
    const source = dice.pick(all)
    const kind = odd ?? kinds[i % kinds.length]!
    const extension = dice.next() < 0.8 ? source.name.split('.').at(-1)! : dice.pick(EXTENSIONS)
    const file = join(folder, `case-${i}.${odd === undefined ? extension : 'jpg'}`)
    const bytes = odd === undefined ? damages[kind]!(Buffer.from(source.bytes), dice) : undefined
    if (only !== undefined && only !== i) continue
    const expected = odd === undefined ? undefined : oddPlaces[odd]!(file, victim)
    if (bytes) writeFileSync(file, bytes)
    const fail = (what: string): void => tally.fail(`case ${i} of seed ${seed} (${kind} of ${source.name}): ${what}`)
    const ending = await runner.run('classify', model, file, '--json', '--top', '1000', '--threads', '1')
    const right = ending.status === 0 ? await logitsOf(bytes ?? victim.photo) : []
    const verdict = judged(ending, () => {
      if (right instanceof Error) throw right
      return right
    })
    const sound = bytes?.equals(source.bytes) || expected === 'sound'
    const checked =
      source.name.endsWith('.png') && kind !== 'another size' && ending.status === 0 && bytes !== undefined
    if (verdict.wrong !== undefined) fail(verdict.wrong)
    else if (sound && ending.status !== 0) fail(`refused, though nothing is wrong: ${ending.err.slice(-300)}`)
    else if (expected === 'refused' && ending.status === 0) fail('accepted')
    else if (checked && !(await samePixels(bytes, source.bytes))) fail('a PNG with a wrong checksum is accepted')
    else tally.add(verdict.ending)
    rmSync(file, { force: true, recursive: true })
    rmSync(`${file}.pipe`, { force: true })
  }
  runner.stop()
  return tally
}

/** The pixels of the first frame, turned and on grey, as libvips has them: [EDGE, EDGE, 3]; an Error for another size. */
async function decoded(bytes: Buffer | string): Promise<Uint8Array | Error> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'none' })
      .autoOrient()
      .flatten({ background: { r: 128, g: 128, b: 128 } })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.width !== EDGE || info.height !== EDGE) return new Error(`${info.width} × ${info.height}`)
    if (info.channels === 1) return Uint8Array.from([...data].flatMap(grey => [grey, grey, grey]))
    return info.channels === 3 ? data : new Error(`${info.channels} channels`)
  } catch (error) {
    return error as Error
  }
}

async function samePixels(a: Buffer, b: Buffer): Promise<boolean> {
  const [left, right] = await Promise.all([decoded(a), decoded(b)])
  return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.from(left).equals(Buffer.from(right))
}
