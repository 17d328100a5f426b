import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Claim, NetworkClaims } from '../../electron/engine/claims/claim.ts'
import { IMAGENET } from '../../electron/engine/claims/protocol.ts'
import { portolan } from '../fixtures/command-line.ts'
import { writeDotsNetwork, writeDotsPictures } from '../fixtures/dots-network.ts'

let folder: string
const path = (name: string): string => join(folder, name)
const claims = (...more: readonly string[]) =>
  portolan(
    ...['claims', path('c.portolan'), '--model', path('dots.onnx'), '--images', path('photos')],
    ...['--samples', '96', '--out', folder, ...more],
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-claims-'))
  await writeDotsNetwork(path('dots.onnx'))
  await writeDotsPictures(path('photos'), path('patches'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the claims on a network whose truth is known', () => {
  let found: ReadonlyMap<string, Claim>
  let network: NetworkClaims
  beforeAll(async () => {
    const { status, out, err } = await claims('--patches', path('patches'), '--json')
    expect(status, err).toBe(0)
    network = NetworkClaims.parse(JSON.parse(out).networks[0])
    found = new Map(network.claims.map(claim => [claim.id, claim]))
  })

  it('hold where dots make a shark, above every control, in evidence and in predictions', () => {
    const dots = found.get('baseball patch')!
    expect(dots).toMatchObject({ verdict: 'holds', photographs: 24 })
    expect(dots.effect!.low).toBeGreaterThan(1)
    expect(dots.controls.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['noise of the same spectrum', 'mean colour', 'its surroundings filled in']),
    )
    expect(dots.effect!.value).toBe(Math.min(...dots.controls.map(({ difference }) => difference.value)))
    expect(dots.parts).toHaveLength(3)
    expect(dots.parts.every(({ holds }) => holds)).toBe(true)
    expect(found.get('baseball patch, flips')).toMatchObject({ verdict: 'holds' })
  })

  it('do not hold where nothing makes a diver, which so many photographs would have shown', () => {
    const grey = found.get('locomotive patch')!
    expect(grey).toMatchObject({ verdict: 'does not hold', photographs: 24 })
    expect(grey.power).toBeGreaterThan(0.99)
    expect(grey.effect!.high).toBeLessThan(IMAGENET.relevant.logOdds)
  })

  it('are out of reach where three photographs show a frying pan, and state how many would suffice', () => {
    const pans = found.get('noodles patch')!
    expect(pans).toMatchObject({ verdict: 'out of reach', photographs: 3, power: 0 })
    expect(pans.needed!.photographs).toBeGreaterThanOrEqual(8)
    expect(found.get('locomotive patch, flips')).toMatchObject({ verdict: 'out of reach', photographs: 0 })
  })

  it('are left out where the network lacks a class, which is named', () => {
    expect(network.left.map(({ missing }) => missing)).toEqual(['n03662601', 'n04335435'])
  })

  it('are written as a page and as data, the same again', async () => {
    const page = await readFile(path('claims.md'), 'utf8')
    for (const { statement } of network.claims) expect(page).toContain(statement)
    expect(page).toContain('npm run claims -- --model dots.onnx --images photos --patches patches --samples 96')
    expect(page).not.toContain(folder)
    const data = await readFile(path('claims.json'), 'utf8')
    expect(NetworkClaims.parse(JSON.parse(data).networks[0])).toEqual(network)
    const again = await claims('--patches', path('patches'))
    expect(again.status, again.err).toBe(0)
    expect(await readFile(path('claims.md'), 'utf8')).toBe(page)
    expect(await readFile(path('claims.json'), 'utf8')).toBe(data)
  })
})

describe('some claims alone', () => {
  it('are those of the kinds that are named; patches need no samples', async () => {
    const out = path('alone')
    const { status, err } = await portolan(
      ...['claims', path('alone.portolan'), '--model', path('dots.onnx'), '--images', path('photos')],
      ...['--patches', path('patches'), '--only', 'patch', '--out', out],
    )
    expect(status, err).toBe(0)
    const { networks } = JSON.parse(await readFile(join(out, 'claims.json'), 'utf8'))
    const { claims: found, samples, left } = NetworkClaims.parse(networks[0])
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['patch', 'flips']))
    expect([samples, left]).toEqual([0, []])
    expect(await readFile(join(out, 'claims.md'), 'utf8')).toContain('Only claims about patches were tested.')
  })

  it('are refused under another name', async () => {
    const { status, err } = await claims('--only', 'icons')
    expect([status, err]).toEqual([2, expect.stringContaining('takes kinds of claims: patch, shared')])
  })
})

describe('the claims are refused', () => {
  it('without the layers, the classes or the patches that they need', async () => {
    const wrong = await claims('--layers', 'mixed3b,mixed4d')
    expect(wrong.status).toBe(2)
    expect(wrong.err).toContain('takes three layers: an early, a middle and a late one')
    const absent = await claims('--patches', path('nowhere'))
    expect(absent.status).toBe(1)
    expect(absent.err).toContain('cannot list the folder of patches')
  })

  it('cut patches from photographs where none are given, and report where none are recognised', async () => {
    const { status, out, err } = await claims('--json')
    expect(status, err).toBe(0)
    const { claims: found } = NetworkClaims.parse(JSON.parse(out).networks[0])
    expect(found.find(({ id }) => id === 'baseball patch')).toMatchObject({ verdict: 'out of reach', effect: null })
    expect(found.find(({ id }) => id === 'baseball patch')!.found).toMatch(/^no patch/)
  })
})
