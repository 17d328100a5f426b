import { describe, expect, it } from 'vitest'
import { encodeWebp } from '../../electron/engine/images/encode.ts'
import { Budget } from '../../electron/engine/queue/budget.ts'
import { bytesOf } from '../../electron/engine/store/bytes.ts'
import { acceptedIcons } from '../../electron/engine/units/icons.ts'
import { packed, RefusedResult } from '../../electron/engine/units/packed.ts'
import { acceptedSamples } from '../../electron/engine/units/samples.ts'
import { Slabs } from '../../electron/engine/units/slabs.ts'
import { inTurn, sideBySide } from '../../electron/engine/units/workers.ts'
import { random } from '../fixtures/random.ts'

const SIZE = 8
const CHANNELS = 4
const EXPECTED = { count: 2, channels: CHANNELS, size: SIZE }
const runtime = { name: 'cpu', library: 'a library', device: 'a device', threads: 1 }

interface Parts {
  readonly icons: readonly Record<string, unknown>[]
  readonly numbers: Float64Array
  readonly activations: Float32Array
  readonly pictures: readonly Uint8Array[]
}

async function parts(size = SIZE): Promise<Parts> {
  const picture = (value: number) =>
    encodeWebp({ rgb: new Uint8Array(3 * size * size).fill(value), width: size, height: size })
  const pictures = [await picture(10), await picture(200)]
  return {
    icons: pictures.map(({ length }) => ({ status: 'ok', starts: 1, batch: 2, runtime, bytes: length })),
    numbers: Float64Array.of(0.5, 0.4, Number.NaN, -0, 1, 3),
    activations: Float32Array.from({ length: 2 * CHANNELS }, (_, i) => i),
    pictures,
  }
}
const result = ({ icons, numbers, activations, pictures }: Parts): Buffer =>
  packed({ icons }, [bytesOf(numbers), bytesOf(activations), Buffer.concat(pictures)])

describe('icons of a worker', () => {
  it('arrive as they were made, to the last bit', async () => {
    const made = await parts()
    const icons = acceptedIcons(result(made), EXPECTED)
    expect(icons.map(({ webp }) => Buffer.from(webp))).toEqual(made.pictures.map(each => Buffer.from(each)))
    expect(icons.flatMap(({ fidelity, robustFidelity, objective }) => [fidelity, robustFidelity, objective])).toEqual([
      ...made.numbers,
    ])
    expect(icons.flatMap(({ activation }) => [...activation])).toEqual([...made.activations])
  })

  it.each([
    ['one icon fewer', async () => ({ ...(await parts()), icons: (await parts()).icons.slice(1) })],
    ['a fidelity of 3', async () => ({ ...(await parts()), numbers: Float64Array.of(3, 0, 0, 0, 0, 0) })],
    ['an infinite activation', async () => ({ ...(await parts()), activations: new Float32Array(8).fill(Infinity) })],
    ['activations of other channels', async () => ({ ...(await parts()), activations: new Float32Array(6) })],
    ['pictures of another size', () => parts(SIZE + 1)],
    [
      'pictures that are none',
      async () => ({
        ...(await parts()),
        pictures: (await parts()).pictures.map(({ length }) => Buffer.alloc(length, 1)),
      }),
    ],
    [
      'a device without end',
      async () => ({
        ...(await parts()),
        icons: (await parts()).icons.map(icon => ({ ...icon, runtime: { ...runtime, device: 'x'.repeat(501) } })),
      }),
    ],
    [
      'a field more',
      async () => ({ ...(await parts()), icons: (await parts()).icons.map(icon => ({ ...icon, a: 1 })) }),
    ],
  ])('with %s are refused', async (_, made) => {
    const bytes = result(await made())
    expect(() => acceptedIcons(bytes, EXPECTED)).toThrow(RefusedResult)
  })

  it('that were damaged on the way are refused, or have the pictures that they say they have', async () => {
    const whole = result(await parts())
    const uniform = random(7)
    for (let time = 0; time < 500; time++) {
      const bytes = Buffer.from(whole)
      for (let i = 0; i < 3; i++) bytes[Math.floor(uniform() * bytes.length)] = Math.floor(256 * uniform())
      const cut = uniform() < 0.3 ? bytes.subarray(0, Math.floor(uniform() * bytes.length)) : bytes
      try {
        expect(acceptedIcons(cut, EXPECTED)).toHaveLength(2)
      } catch (error) {
        expect(error).toBeInstanceOf(RefusedResult)
      }
    }
  })
})

describe('samples of a worker', () => {
  const outputs = [
    { name: 'activation', width: 3 },
    { name: 'attribution', width: 2 },
  ]
  const expected = { photographs: 2, positionsPerImage: 2, outputs }
  const box = { left: 0, top: 0, width: 40, height: 30 }
  const read = { width: 40, height: 30, box, clipped: [1, 0] }
  const rows = (width: number, photographs: number, value = 1) =>
    bytesOf(new Float16Array(width * 2 * photographs).fill(value))

  it('arrive with their rows, and with why others have none', () => {
    const unreadable = { reason: 'the file is cut off', damaged: true }
    const bytes = packed({ photographs: [unreadable, read] }, [rows(3, 1), rows(2, 1)])
    const { photographs, rows: all } = acceptedSamples(bytes, expected)
    expect(photographs[0]).toEqual(unreadable)
    expect(photographs[1]).toMatchObject({ width: 40, height: 30, box })
    expect([...all.values()].map(({ values, clipped }) => [values.length, clipped])).toEqual([
      [6, 1],
      [4, 0],
    ])
  })

  it.each([
    ['a photograph fewer', packed({ photographs: [read] }, [rows(3, 1), rows(2, 1)])],
    ['rows of fewer photographs', packed({ photographs: [read, read] }, [rows(3, 1), rows(2, 2)])],
    ['numbers that are not finite', packed({ photographs: [read, read] }, [rows(3, 2, Number.NaN), rows(2, 2)])],
    ['an infinity', packed({ photographs: [read, read] }, [rows(3, 2), rows(2, 2, Infinity)])],
    [
      'a part beyond the photograph',
      packed({ photographs: [{ ...read, box: { ...box, left: 5 } }, read] }, [rows(3, 2), rows(2, 2)]),
    ],
    [
      'other counts of clipped values',
      packed({ photographs: [{ ...read, clipped: [] }, read] }, [rows(3, 2), rows(2, 2)]),
    ],
    ['one array', packed({ photographs: [read, read] }, [rows(3, 2)])],
  ])('with %s are refused', (_, bytes) => {
    expect(() => acceptedSamples(bytes, expected)).toThrow(RefusedResult)
  })
})

describe('slabs', () => {
  it('are lent again once they are given back, and no memory of others is', () => {
    const slabs = new Slabs()
    const first = slabs.take(100_000)
    const second = slabs.take(100_000)
    expect(first).toHaveLength(100_000)
    expect(second.buffer).not.toBe(first.buffer)
    slabs.give(first.subarray(0, 10))
    slabs.give(first)
    slabs.give(Buffer.from('of another'))
    const third = slabs.take(70_000)
    expect(third.buffer).toBe(first.buffer)
    expect(third).toHaveLength(70_000)
    // Given back twice, it is still lent once.
    expect(slabs.take(100_000).buffer).not.toBe(first.buffer)
    const large = slabs.take(2 ** 23)
    slabs.give(large)
    expect(slabs.take(2 ** 23).buffer).not.toBe(large.buffer)
  })
})

describe('units side by side', () => {
  it('are as many as there is room for, which may change', async () => {
    let room = 1
    let started = 0
    let most = 0
    let under = 0
    await sideBySide(
      () => room,
      () => {
        if (started === 12) return undefined
        started++
        under++
        most = Math.max(most, under)
        return new Promise(resolve =>
          setImmediate(() => {
            under--
            room = started > 6 ? 4 : 1
            resolve()
          }),
        )
      },
    )
    expect(started).toBe(12)
    expect(most).toBe(4)
  })

  it('end with the first error, after those that had begun', async () => {
    let ended = 0
    let started = 0
    const run = sideBySide(
      () => 3,
      () => {
        const number = started++
        return new Promise((resolve, reject) =>
          setTimeout(() => {
            ended++
            if (number === 1) reject(new Error('the second'))
            else resolve()
          }, 5 * number),
        )
      },
    )
    await expect(run).rejects.toThrow('the second')
    expect(ended).toBe(started)
    expect(started).toBeLessThan(6)
  })
})

describe('units in turn', () => {
  async function* units(count: number, read: (unit: number) => void): AsyncGenerator<number, void, void> {
    for (let unit = 0; unit < count; unit++) {
      read(unit)
      yield unit
    }
  }

  it('pass on their results in their order, whichever is ready first, and are read no faster than they are sent', async () => {
    let unsent = 0
    let most = 0
    const run = async (unit: number, sent: () => void) => {
      await new Promise(resolve => setTimeout(resolve, 2))
      unsent--
      sent()
      await new Promise(resolve => setTimeout(resolve, 30 - unit))
      return async () => unit
    }
    const read = (): void => {
      unsent++
      most = Math.max(most, unsent)
    }
    const all = inTurn(
      () => 8,
      units(20, read),
      run,
      () => {},
    )
    expect(await Array.fromAsync(all)).toEqual(Array.from({ length: 20 }, (_, unit) => unit))
    expect(most).toBeLessThanOrEqual(3)
  })

  it('go on when what is under way takes all the room for contents, which only its results give back', async () => {
    const budget = new Budget(3)
    const { signal } = new AbortController()
    const run = async (unit: number, sent: () => void): Promise<() => Promise<number>> => {
      await budget.take(1, signal)
      sent()
      return async () => {
        budget.give(1)
        return unit
      }
    }
    const all = inTurn(
      () => 8,
      units(20, () => {}),
      run,
      () => {},
    )
    expect(await Array.fromAsync(all)).toEqual(Array.from({ length: 20 }, (_, unit) => unit))
  })

  it('are stopped when one fails, and when nobody wants their results any more', async () => {
    let stops = 0
    const stop = new AbortController()
    const run = (unit: number, sent: () => void): Promise<() => Promise<number>> => {
      sent()
      if (unit === 0) return Promise.resolve(async () => unit)
      return new Promise((_, reject) => {
        stop.signal.addEventListener('abort', () => reject(stop.signal.reason))
      })
    }
    for await (const unit of inTurn(
      () => 4,
      units(20, () => {}),
      run,
      () => {
        stops++
        stop.abort()
      },
    )) {
      expect(unit).toBe(0)
      break
    }
    expect(stops).toBe(1)
  })
})
