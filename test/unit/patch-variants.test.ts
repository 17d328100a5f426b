import { describe, expect, it } from 'vitest'
import { placesOf } from '../../electron/contract/placement.ts'
import {
  ALONE,
  geometriesOf,
  geometryAt,
  geometryOf,
  trialAt,
  trialOf,
  variantAt,
  variantCount,
  variantOf,
  variantsOfPatch,
} from '../../electron/engine/patch/experiment/variants.ts'

describe('a variant', () => {
  // No two numbers alike, so that axes cannot be exchanged unseen.
  const [patches, sizes, places] = [3, [0.2, 0.4], placesOf({ kind: 'grid', n: 3 })]
  const axes = { sizes, places }

  it('numbers every patch, size and position once, in the order that stored trials have', () => {
    const numbers: number[] = []
    for (let patch = 0; patch < patches; patch++)
      for (const size of sizes.keys())
        for (const position of places.keys()) {
          const variant = variantOf(axes, { patch, size, position })
          expect(variantAt(axes, variant)).toEqual({ patch, size, position })
          expect(geometryAt(axes, geometryOf(axes, size, position))).toEqual({ size, position })
          numbers.push(variant)
        }
    // The format of projects: (patch · sizes + size) · positions + position.
    expect(variantOf(axes, { patch: 2, size: 1, position: 4 })).toBe((2 * 2 + 1) * 9 + 4)
    expect(numbers).toEqual(Array.from({ length: variantCount(axes, patches) }, (_, k) => k))
    expect(numbers.filter(variant => variantAt(axes, variant).patch === 1)).toEqual(
      numbers.slice(variantsOfPatch(axes, 1).from, variantsOfPatch(axes, 1).below),
    )
  })

  it('has a place in the columns, by its parts as by its number', () => {
    const shape = { patches, geometries: geometriesOf(axes) }
    const geometry = geometryOf(axes, 1, 7)
    expect(trialAt(shape, 5, 2, geometry)).toBe(trialOf(shape, 5, variantOf(axes, { patch: 2, size: 1, position: 7 })))
  })

  it('of the photograph alone has no patch', () => {
    expect(() => variantAt(axes, ALONE)).toThrow(/alone has no patch/)
  })
})
