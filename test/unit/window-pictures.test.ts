import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { iconSizes, type Picture, parsePicture, pictureUrl } from '../../electron/contract/pictures.ts'

const project = fc.stringMatching(/^[0-9a-f]{16}$/)
const edge = fc.double({ min: -2, max: 3, noNaN: true, noDefaultInfinity: true })
const picture: fc.Arbitrary<Picture> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('icons' as const, 'crops' as const),
    project,
    atlas: fc.integer({ min: 1 }),
    grid: fc.integer({ min: 1, max: 4096 }),
    tileI: fc.integer({ min: 0, max: 255 }),
    tileJ: fc.integer({ min: 0, max: 255 }),
    size: fc.constantFrom(...iconSizes),
    revision: fc.nat(),
  }),
  fc.record({ kind: fc.constant('icon' as const), project, key: fc.stringMatching(/^[0-9a-f]{16,64}$/) }),
  fc.record({
    kind: fc.constant('photo' as const),
    project,
    image: fc.integer({ min: 1 }),
    box: fc.option(fc.record({ left: edge, top: edge, right: edge, bottom: edge })),
    size: fc.integer({ min: 16, max: 4096 }),
  }),
  fc.record({ kind: fc.constant('patch' as const), project, patch: fc.integer({ min: 1 }) }),
)

describe('addresses of pictures', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(picture, given => {
        // −0 is written as 0.
        const plain = JSON.parse(JSON.stringify(given))
        expect(parsePicture(pictureUrl(given))).toEqual(plain)
      }),
    )
  })

  it('are refused in any other form', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (url, text) => {
        expect(parsePicture(url)).toBeUndefined()
        expect(parsePicture(`portolan://photo/0123456789abcdef/${text}/1?size=64`)).toBeUndefined()
      }),
    )
  })
})
