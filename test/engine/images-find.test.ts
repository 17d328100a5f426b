import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { classHint, findImages } from '../../electron/engine/images/find.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-find-'))
  await mkdir(join(folder, 'cats/tabby'), { recursive: true })
  await mkdir(join(folder, 'locked'))
  await mkdir(join(folder, 'folder.jpg'))
  const files = [
    'b.jpg',
    'a.JPEG',
    'n01440764_tench.jpg',
    'cats/tabby/x y "z".png',
    'cats/1.webp',
    '.hidden.jpg',
    'notes.csv',
    '\u{1F408}.jpg',
    '\uFF0D.jpg',
  ]
  for (const file of files) await writeFile(join(folder, file), 'x')
  await symlink('..', join(folder, 'cats/up'))
  await symlink('nowhere.jpg', join(folder, 'dangling.jpg'))
  await symlink('b.jpg', join(folder, 'link.jpg'))
  await symlink('circle.jpg', join(folder, 'circle.jpg'))
  await chmod(join(folder, 'locked'), 0)
})
afterAll(async () => {
  await chmod(join(folder, 'locked'), 0o755)
  await rm(folder, { recursive: true })
})

test('every image is listed in order of code points, with the class hint of its path', async () => {
  const { images } = await findImages([folder])
  expect(images.map(image => [image.relative, image.classHint])).toEqual([
    ['a.JPEG', undefined],
    ['b.jpg', undefined],
    ['cats/1.webp', 'cats'],
    ['cats/tabby/x y "z".png', 'tabby'],
    ['link.jpg', undefined],
    ['n01440764_tench.jpg', 'n01440764'],
    // U+FF0D before U+1F408, though its UTF-16 units sort after it.
    ['\uFF0D.jpg', undefined],
    ['\u{1F408}.jpg', undefined],
  ])
  expect(images[2]).toMatchObject({ folder, file: join(folder, 'cats/1.webp') })
})

test('omitted entries are listed with their reason', async () => {
  const { exceptions } = await findImages([folder])
  const outcomes = Object.fromEntries(
    exceptions.map(({ file, reason, kind }) => [file.slice(folder.length + 1), [kind, reason]]),
  )
  expect(outcomes['.hidden.jpg']).toEqual(['ignored', 'hidden'])
  expect(outcomes['notes.csv']).toEqual(['ignored', 'not an image by its name'])
  expect(outcomes['cats/up']).toEqual(['ignored', `the same folder as ${JSON.stringify(folder)}`])
  expect(outcomes['dangling.jpg']).toEqual(['failed', 'a symbolic link to nothing'])
  expect(outcomes['circle.jpg']).toEqual(['failed', 'its symbolic links form a loop'])
})

test.skipIf(process.getuid?.() === 0)(
  'a locked sub-folder is listed (skipped for root, who may read everything)',
  async () => {
    const { exceptions } = await findImages([folder])
    expect(exceptions).toContainEqual({ file: join(folder, 'locked'), reason: 'permission is denied', kind: 'failed' })
  },
)

test('overlapping folders list each image once', async () => {
  const once = await findImages([folder])
  const twice = await findImages([folder, join(folder, 'cats')])
  expect(twice.images).toEqual(once.images)
  expect(twice.exceptions.length).toBe(once.exceptions.length + 1)
})

test('a folder that is not there is an error, and a cancelled search stops', async () => {
  await expect(findImages([join(folder, 'gone')])).rejects.toThrow(
    /cannot list the folder ".*gone": there is no such file or folder/,
  )
  await expect(findImages([join(folder, 'b.jpg')])).rejects.toThrow(/cannot list the folder/)
  await expect(findImages([folder], AbortSignal.abort())).rejects.toThrow(/abort/i)
})

test.each([
  ['n01440764_tench.jpg', 'n01440764'],
  ['n01440764/whatever.jpg', 'n01440764'],
  ['birds/n01440764.jpg', 'n01440764'],
  ['n014407641.jpg', undefined],
  ['train/crane bird/1.jpg', 'crane bird'],
  ['x.jpg', undefined],
])('class of %s is %s', (path, hint) => expect(classHint(path)).toBe(hint))
