import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { creditLine, licenseName } from '../../electron/contract/credit.ts'
import { isCreditsFile, readCredits } from '../../electron/engine/images/credits.ts'
import { temporaryFolder } from '../engine/store/project.ts'

/** A list of authors with this content. */
function list(content: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'ATTRIBUTION.csv')
  writeFileSync(file, content)
  return file
}
const NONE = { title: '', author: '', source: '', license: '', changes: '' }

describe('an ATTRIBUTION.csv', () => {
  it('names author, title, source, licence and changes of each photograph', async () => {
    const credits = await readCredits(
      list(
        'file,title,author,source,license,changes\n' +
          '"a.jpg","Boats, two","O\'Brien ""Bob""",https://example.org/1,https://creativecommons.org/licenses/by/2.0/,resized\n' +
          'sub/b.jpg,,Ada,,CC0,\n',
      ),
    )
    expect([...credits]).toEqual([
      [
        'a.jpg',
        {
          title: 'Boats, two',
          author: 'O\'Brien "Bob"',
          source: 'https://example.org/1',
          license: 'https://creativecommons.org/licenses/by/2.0/',
          changes: 'resized',
        },
      ],
      ['sub/b.jpg', { ...NONE, author: 'Ada', license: 'CC0' }],
    ])
  })

  it('is understood with other headings, in another order, with a byte order mark and Windows line ends', async () => {
    const credits = await readCredits(list('\uFEFFLicence;,Photographer,Filename\r\nx,Ada,.\\sub\\a.jpg\r\n,,\r\n\r\n'))
    expect([...credits]).toEqual([['sub/a.jpg', { ...NONE, author: 'Ada' }]])
  })

  it('gives text without control characters, without reversed text and without end', async () => {
    const credits = await readCredits(
      list(`file,author,title\na.jpg,"Eve\u0000\u001b[31m\n\u202Egpj.exe\u2066",${'x'.repeat(5000)}\n`),
    )
    const { author, title } = credits.get('a.jpg')!
    expect(author).toBe('Eve [31m gpj.exe')
    expect(title).toHaveLength(300)
  })

  it.each([
    ['no column for files', 'author,license\nAda,CC0\n', /no column "file"/],
    ['nothing', '', /no column "file"/],
    ['a quote without end', 'file,author\n"a.jpg,Ada\n', /not CSV/],
    ['another encoding', Uint8Array.from([0x66, 0x69, 0x6c, 0x65, 0x0a, 0xff, 0xfe]), /not UTF-8/],
  ])('with %s is refused with a reason', async (_, content, why) => {
    await expect(readCredits(list(content))).rejects.toThrow(why)
  })

  it('that is a folder is refused with a reason', async () => {
    const file = join(temporaryFolder(), 'ATTRIBUTION.csv')
    mkdirSync(file)
    await expect(readCredits(file)).rejects.toThrow(/it is a folder/)
  })

  it('is known by its name in any case', () => {
    expect(
      ['/a/ATTRIBUTION.csv', 'attribution.CSV', '/a/attributions.csv', '/ATTRIBUTION.csv/a.jpg'].map(isCreditsFile),
    ).toEqual([true, true, false, false])
  })
})

describe('a credit', () => {
  it.each([
    ['https://creativecommons.org/licenses/by/2.0/', 'CC BY 2.0'],
    ['http://www.creativecommons.org/licenses/by-nc-sa/4.0', 'CC BY-NC-SA 4.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0 1.0'],
    ['https://creativecommons.org.example/licenses/by/2.0/', 'https://creativecommons.org.example/licenses/by/2.0/'],
    ['All rights reserved', 'All rights reserved'],
  ])('calls the licence %s by its name', (license, name) => {
    expect(licenseName(license)).toBe(name)
  })

  it('is a line of what is known', () => {
    const source = 'https://www.flickr.com/photos/ada/1'
    const license = 'https://creativecommons.org/licenses/by/2.0/'
    expect(creditLine({ title: 'Boats', author: 'Ada', source, license, changes: 'resized' })).toBe(
      '“Boats” by Ada, CC BY 2.0, flickr.com/photos/ada/1, resized',
    )
    expect(creditLine({ ...NONE, author: 'Ada', license })).toBe('Photograph by Ada, CC BY 2.0')
    expect(creditLine({ ...NONE, license: 'CC0' })).toBe('CC0')
  })
})
