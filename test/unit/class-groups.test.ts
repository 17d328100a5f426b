import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { weightGroups } from '../../electron/engine/atlas/class-groups.ts'
import { parseLabels } from '../../electron/engine/model/label-file.ts'
import { wordnetGroups } from '../../electron/engine/model/wordnet-groups.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { averageLinkage } from '../../electron/engine/statistics/average-linkage.ts'

const imagenet = parseLabels(
  readFileSync(new URL('../../resources/models/imagenet-synsets.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
  'imagenet-synsets.txt',
)

describe('groups by WordNet', () => {
  const groups = wordnetGroups(imagenet)!
  const named = (name: string) => groups.find(group => group.name === name)!
  const path = (name: string): string[] => {
    const index = imagenet.find(label => label.name === name)!.index
    return groups.filter(({ classes }) => classes.includes(index)).map(group => group.name)
  }

  it('have plain names, from coarse to fine', () => {
    expect(path('tabby')).toEqual(['animal', 'mammal', 'cat family', 'domestic cat'])
    expect(path('golden retriever')).toEqual(['animal', 'mammal', 'dog', 'gun dog', 'retriever'])
    // A vehicle for us, though for WordNet also a container.
    expect(path('minivan')).toEqual(['man-made thing', 'vehicle', 'car'])
    expect(path('Granny Smith')).toEqual(['food', 'fruit'])
    expect(named('dog').classes).toHaveLength(118)
  })

  it('are nested, and each of at least three classes', () => {
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length)
    for (const [at, { parent, classes }] of groups.entries()) {
      expect(classes.length).toBeGreaterThanOrEqual(3)
      if (parent === null) continue
      expect(parent).toBeLessThan(at)
      const around = new Set(groups[parent]!.classes)
      expect(classes.every(index => around.has(index))).toBe(true)
      expect(classes.length).toBeLessThan(around.size)
    }
  })

  it('cover nearly all classes, each level without overlaps', () => {
    const top = groups.filter(({ parent }) => parent === null).flatMap(({ classes }) => classes)
    expect(new Set(top).size).toBe(top.length)
    expect(top.length).toBeGreaterThan(985)
  })

  it('are those of the classes of a network, which may be few or in another order', () => {
    const few = imagenet
      .filter(({ name }) => ['tabby', 'Egyptian cat', 'minivan', 'convertible'].includes(name))
      .toReversed()
      .map((label, index) => ({ ...label, index }))
    const groups = wordnetGroups(few)!
    expect(groups.map(({ name }) => name)).toContain('domestic cat')
    for (const { classes } of groups) expect(Math.max(...classes)).toBeLessThan(4)
  })

  it('are unknown for labels without synsets', () => {
    expect(wordnetGroups(parseLabels(['cat', 'dog'], 'a test'))).toBeUndefined()
  })
})

describe('groups by weights', () => {
  /** Three families of four classes around random directions, the first two nearer to each other. */
  const random = new Random('weights')
  const width = 32
  const direction = () => Float32Array.from({ length: width }, () => random.gaussian())
  const [a, c] = [direction(), direction()]
  const b = a.map(value => value + 0.8 * random.gaussian())
  const rows = Float32Array.from(
    [a, b, c].flatMap(centre =>
      Array.from({ length: 4 }, () => [...centre.map(value => value + 0.3 * random.gaussian())]).flat(),
    ),
  )
  const names = Array.from({ length: 12 }, (_, index) => `class ${index}`)

  it('find families of similar rows, and name them after their most central classes', () => {
    const groups = weightGroups(rows, 12, names)
    const found = groups.map(({ classes }) => classes.join())
    for (const family of ['0,1,2,3', '4,5,6,7', '8,9,10,11']) expect(found).toContain(family)
    for (const { name } of groups) expect(name).toMatch(/^class \d+, class \d+ \+\d+$/)
    expect(groups.find(({ classes }) => classes.join() === '0,1,2,3,4,5,6,7')?.parent).toBeNull()
  })
})

describe('average linkage', () => {
  it('merges as its definition does', () => {
    const random = new Random('linkage')
    const n = 40
    const points = Array.from({ length: n }, () => [random.uniform(), random.uniform()] as const)
    const distance = (p: number, q: number): number =>
      Math.hypot(points[p]![0] - points[q]![0], points[p]![1] - points[q]![1])
    const distances = Float32Array.from({ length: n * n }, (_, k) => distance(Math.floor(k / n), k % n))
    const merges = averageLinkage(distances, n)
    const members: number[][] = points.map((_, k) => [k])
    const alive = new Set(members.keys())
    for (const [k, { left, right, distance: stated }] of merges.entries()) {
      const mean = (p: number, q: number): number =>
        members[p]!.reduce((sum, x) => sum + members[q]!.reduce((s, y) => s + distance(x, y), 0), 0) /
        (members[p]!.length * members[q]!.length)
      const nearest = Math.min(...[...alive].flatMap(p => [...alive].filter(q => q > p).map(q => mean(p, q))))
      expect(mean(left, right)).toBeCloseTo(nearest, 4)
      expect(stated).toBeCloseTo(nearest, 4)
      alive.delete(left)
      alive.delete(right)
      members.push([...members[left]!, ...members[right]!])
      alive.add(n + k)
    }
    expect(members.at(-1)).toHaveLength(n)
  })
})
