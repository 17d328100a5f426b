import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineReady, inPage, type Started, start } from './electron.ts'

describe('the bridge between the window and the engine', () => {
  let portolan: Started
  beforeAll(async () => {
    portolan = await start()
    await engineReady(portolan.page)
  })
  afterAll(() => portolan.close())

  it('carries typed arrays as they are', async () => {
    const seen = await inPage(
      portolan.page,
      async bridge => {
        const cells = await bridge.call('atlas.cells', { atlas: 1, grid: 20 })
        const labels = await bridge.call('atlas.labels', { atlas: 1, grid: 20 })
        return {
          kinds: [cells.i, cells.count, cells.x, labels.index, cells.colour].map(each => each.constructor.name),
          last: [cells.i[399], cells.j[399], cells.colour.length],
          unknown: Number.isNaN(cells.fidelity[0]),
        }
      },
      null,
    )
    expect(seen).toEqual({
      kinds: ['Uint16Array', 'Uint32Array', 'Float32Array', 'Int16Array', 'Uint8Array'],
      last: [19, 19, 1200],
      unknown: true,
    })
  })

  it.each([
    ['a call that is not in the table', 'atlas.destroy', {}, 'there is no such call'],
    ['a name that every object has', 'constructor', {}, 'there is no such call'],
    ['a name that is no text', 7, {}, 'there is no such call'],
    ['no input', 'atlas.cells', undefined, 'refused the call atlas.cells'],
    ['a field of another type', 'atlas.cells', { atlas: '1', grid: 20 }, 'atlas: '],
    ['a number out of range', 'atlas.cells', { atlas: 1, grid: -20 }, 'grid: '],
    ['a number that is none', 'atlas.cells', { atlas: 1, grid: Number.NaN }, 'grid: '],
    ['too much', 'atlas.attribution', { atlas: 1, grid: 20, classes: Array(65).fill(0) }, 'classes: '],
    [
      'an output that does not match the contract',
      'atlas.cells',
      { atlas: 2, grid: 20 },
      'does not match the contract',
    ],
    ['a path that nobody chose', 'project.open', { file: '/etc/passwd' }, 'was not chosen'],
    ['a path that climbs', 'project.open', { file: '/etc/../etc/passwd' }, 'was not chosen'],
    ['a list of paths that nobody chose', 'photograph.add', { files: ['/etc/passwd'] }, 'was not chosen'],
  ])('refuses %s', async (_, name, input, message) => {
    const refusal = await inPage(
      portolan.page,
      (bridge, { name, input }) =>
        bridge.call(name as 'jobs.list', input as Record<string, never>).then(
          () => 'accepted',
          (error: Error) => error.message,
        ),
      { name, input } as const,
    )
    expect(refusal).toContain(message)
  })

  it('writes only where the user chose to', async () => {
    const file = join(portolan.folder, 'unchosen.txt')
    const refusal = await inPage(
      portolan.page,
      (bridge, file) =>
        bridge.shell('file.write', { file, bytes: new Uint8Array(3) }).then(
          () => 'accepted',
          (error: Error) => error.message,
        ),
      file,
    )
    expect(refusal).toContain('was not chosen')
  })

  it('opens a project that was chosen in a dialog, and remembers it', async () => {
    const file = join(portolan.folder, 'whales.portolan')
    writeFileSync(file, '')
    await portolan.app.evaluate(({ dialog }, file) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [file] })
    }, file)
    const seen = await inPage(
      portolan.page,
      async bridge => {
        const [chosen] = await bridge.shell('dialog.open', { kind: 'project' })
        const summary = await bridge.call('project.open', { file: chosen! })
        const recent = await bridge.shell('app.recent', {})
        return { name: summary.name, recent: recent.map(each => each.name) }
      },
      null,
    )
    expect(seen).toEqual({ name: 'whales', recent: ['whales'] })
    const labels = await portolan.app.evaluate(({ Menu }) => {
      const recent = Menu.getApplicationMenu()?.items[0]?.submenu?.items.find(each => each.label === 'Open Recent')
      return recent?.submenu?.items.map(each => each.label)
    })
    expect(labels).toContain('whales')
  })

  it('opens a dropped project at the path that Electron reports', async () => {
    const file = join(portolan.folder, 'dropped.portolan')
    writeFileSync(file, '')
    await portolan.page.evaluate(() => {
      const input = document.createElement('input')
      input.type = 'file'
      input.id = 'for-test'
      document.body.append(input)
    })
    await portolan.page.setInputFiles('#for-test', file)
    const seen = await inPage(
      portolan.page,
      async bridge => {
        const given = (document.getElementById('for-test') as HTMLInputElement).files![0]!
        const path = await bridge.pathOf(given)
        const name = path === '' ? '' : (await bridge.call('project.open', { file: path })).name
        return { path, name, nowhere: await bridge.pathOf(new File(['x'], 'made-up.portolan')) }
      },
      null,
    )
    // Before Electron 30 a page could make a path up: there nothing that is dropped has one.
    const major = await portolan.app.evaluate(() => Number(process.versions['electron']!.split('.')[0]))
    expect(seen).toEqual({ ...(major < 30 ? { path: '', name: '' } : { path: file, name: 'dropped' }), nowhere: '' })
  })

  it('gives no path to an object that a page makes up, and refuses that path', async () => {
    const seen = await inPage(
      portolan.page,
      async bridge => {
        const refusal = (error: Error): string => error.message
        const path = await bridge.pathOf({ path: '/etc/passwd' } as unknown as File).catch(refusal)
        return [path, await bridge.call('project.open', { file: '/etc/passwd' }).then(() => 'opened', refusal)]
      },
      null,
    )
    expect(seen[0]).not.toContain('passwd')
    expect(seen[1]).toContain('was not chosen')
  })

  it('sends events of the contract to the window that they concern', async () => {
    const text = await inPage(
      portolan.page,
      bridge =>
        new Promise<string>(resolve => {
          bridge.on('notice', ({ text }) => resolve(text))
          void bridge.call('jobs.cancel', { job: 42 })
        }),
      null,
    )
    expect(text).toBe('cancelled 42')
  })
})
