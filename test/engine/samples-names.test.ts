import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportSamples } from '../../electron/engine/samples-file/export.ts'
import { findSampled, movePlace, placeOfSet } from '../../electron/engine/samples-file/photographs.ts'
import { creditOf } from '../../electron/engine/store/credits.ts'
import {
  findImage,
  imagesByHash,
  listFolders,
  putFolder,
  putPhotographs,
} from '../../electron/engine/store/photographs.ts'
import { readSamples, type SampleSet } from '../../electron/engine/store/samples.ts'
import { command, type Writable } from '../../electron/engine/store/sql.ts'
import { imported, projectWithSamples, SAMPLES, work } from '../fixtures/made-up-samples.ts'
import { temporaryFolder } from './store/project.ts'

const bytesOf = (relative: string): string => `the bytes of ${relative}`
const hashOf = (relative: string): string => createHash('sha256').update(bytesOf(relative)).digest('hex')

describe('a samples file with names', () => {
  /** Three files that samples are of, and a samples file that names them. */
  async function named() {
    const { db, set } = projectWithSamples(undefined, hashOf)
    const photographs = temporaryFolder()
    const [folder] = listFolders(db)
    for (const relative of ['b.jpg', 'a.jpg', 'c.jpg']) {
      writeFileSync(join(photographs, relative), bytesOf(relative))
      const hash = hashOf(relative)
      putPhotographs(db, folder!.id, [{ relative, class: 'n01440764', status: 'ok', hash, width: 9, height: 8 }])
    }
    const file = join(temporaryFolder(), 'named.samples')
    const { contents } = await exportSamples(db, set, file, work, { names: true })
    return { db, set, file, photographs, contents }
  }
  const imagesIn = (db: Writable, set: SampleSet) =>
    readSamples(db, set.id, 0, SAMPLES).map(({ image }) => {
      const found = findImage(db, image)!
      return [found.relative, found.class, found.status === 'ok' && found.hash]
    })

  it('is bound to the very files, which are found again with their authors', async () => {
    const { db, set, file, photographs } = await named()
    writeFileSync(join(photographs, 'ATTRIBUTION.csv'), 'file,author,license\na.jpg,Ada,CC0\n')
    const there = await imported(file, photographs)
    expect(listFolders(there.db)).toMatchObject([{ path: photographs }])
    expect(imagesIn(there.db, there.set)).toEqual(imagesIn(db, set))
    const image = imagesByHash(there.db, hashOf('a.jpg'))[0]!
    expect(image).toMatchObject({ relative: 'a.jpg', width: 9, height: 8 })
    expect(creditOf(there.db, image)).toMatchObject({ author: 'Ada', license: 'CC0', title: '' })
  })

  it('is imported without them as well, and linked later', async () => {
    const { db, set, file, photographs } = await named()
    const there = await imported(file)
    expect(listFolders(there.db)).toMatchObject([{ path: null }])
    expect(imagesIn(there.db, there.set)).toEqual(imagesIn(db, set))
    movePlace(there.db, there.set, await findSampled(there.samples, photographs, work.signal))
    expect(placeOfSet(there.db, there.set).path).toBe(photographs)
  })

  it('refuses a folder where one of them is missing or is another file, with the way out', async () => {
    const { file, photographs } = await named()
    writeFileSync(join(photographs, 'c.jpg'), 'another picture')
    await expect(imported(file, photographs)).rejects.toThrow(/c\.jpg is not the sampled picture/)
    rmSync(join(photographs, 'c.jpg'))
    await expect(imported(file, photographs)).rejects.toThrow(/c\.jpg: there is no such file.*choose the folder/)
  })

  it('cannot be written where photographs have no hash, nor linked where none were named', async () => {
    const { db, set } = projectWithSamples()
    const folder = temporaryFolder()
    const file = join(folder, 'some.samples')
    await expect(exportSamples(db, set, file, work, { names: true })).rejects.toThrow(/omit --names/)
    expect(readdirSync(folder)).toEqual([])
    await exportSamples(db, set, file, work)
    expect(readFileSync(file).includes('b.jpg')).toBe(false)
    await expect(imported(file, folder)).rejects.toThrow(/has no names; export it with --names/)
  })

  /** Has the samples of one photograph be of another one. */
  const replaceImage = (db: Writable, was: number, id: number): void => {
    const moved = command<{ id: number; was: number }>('UPDATE samples SET image = @id WHERE image = @was')
    db.write(() => db.run(moved, { id, was }))
  }

  it.each([
    ['a path that climbs', '../c.jpg'],
    ['an absolute path', '/c.jpg'],
    ['a path that climbs in the other way', '..\\c.jpg'],
  ])('cannot be written with %s as a name', async (_, relative) => {
    const { db, set, photographs } = await named()
    const image = imagesByHash(db, hashOf('c.jpg'))[0]!
    const [id] = putPhotographs(db, image.folder, [{ ...image, relative }])
    replaceImage(db, image.id, id!)
    const file = join(photographs, 'bad.samples')
    await expect(exportSamples(db, set, file, work, { names: true })).rejects.toThrow(/not all photographs/)
  })

  it('refuses the same path twice', async () => {
    const { db, set, photographs } = await named()
    const image = imagesByHash(db, hashOf('c.jpg'))[0]!
    const twin = putFolder(db, '/elsewhere', 'elsewhere')
    const [id] = putPhotographs(db, twin, [{ ...image, relative: 'a.jpg' }])
    replaceImage(db, image.id, id!)
    const file = join(photographs, 'bad.samples')
    await exportSamples(db, set, file, work, { names: true })
    await expect(imported(file)).rejects.toThrow(/are not those of 3 distinct photographs/)
  })
})
