import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { calls } from '../../electron/contract/calls.ts'
import { shellCalls } from '../../electron/contract/shell.ts'
import { packagesFor } from '../../electron/launch/libraries.ts'
import { AppState } from '../../electron/main/app-state.ts'
import { NO_FAILURES, nextDelay } from '../../electron/main/engine/backoff.ts'
import { Grants } from '../../electron/main/grants.ts'
import { fitting } from '../../electron/main/window/bounds.ts'

describe('the wait before the engine is started again', () => {
  it('doubles with every quick death, and ends with the sixth', () => {
    const delays: (number | null)[] = []
    let backoff = NO_FAILURES
    for (let death = 0; death < 6; death++) {
      backoff = nextDelay(backoff, 100)
      delays.push(backoff.delayMs)
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, null])
  })

  it('starts from the first delay again after a long life', () => {
    expect(nextDelay({ failures: 5, delayMs: 4000 }, 61_000)).toEqual({ failures: 1, delayMs: 250 })
  })
})

describe('the place of a window', () => {
  const screen = { x: 0, y: 0, width: 1600, height: 1000 }

  it('is the remembered one', () => {
    const last = { x: 50, y: 60, width: 900, height: 700 }
    expect(fitting(last, [screen], 0)).toEqual(last)
  })

  it('is on a screen when the remembered one is gone', () => {
    const elsewhere = { x: 3000, y: 60, width: 2000, height: 700 }
    expect(fitting(elsewhere, [screen], 0)).toEqual({ x: 0, y: 150, width: 1600, height: 700 })
  })

  it('is beside the others', () => {
    const last = { x: 50, y: 60, width: 900, height: 700 }
    expect(fitting(last, [screen], 2)).toEqual({ ...last, x: 114, y: 124 })
  })
})

describe('paths', () => {
  it('are accepted as they were chosen, and in no other spelling', () => {
    const grants = new Grants()
    grants.add('/data/a.portolan')
    expect(() => grants.require(['/data/a.portolan'])).not.toThrow()
    for (const path of ['/data/../data/a.portolan', '/data//a.portolan', '/data', '/data/a.portolan/..', 'a.portolan'])
      expect(() => grants.require([path]), path).toThrow('was not chosen')
  })

  it('that were chosen to be read are not written to, and links are not followed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-grants-'))
    const [photograph, saved, link] = ['a.jpg', 'b.png', 'c.png'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(photograph, 'of value')
    symlinkSync(photograph, link)
    const grants = new Grants()
    grants.add(photograph)
    grants.addOutput(saved)
    grants.addOutput(link)
    expect(() => grants.requireOutputs([photograph])).toThrow('not chosen to be written to')
    expect(() => grants.requireOutputs([saved])).not.toThrow()
    expect(() => grants.requireOutputs([link])).toThrow('is a link')
    expect(() => grants.require([saved])).toThrow('was not chosen')
    rmSync(folder, { recursive: true })
  })

  it('are outputs for calls that write, and for no other call', () => {
    const writing = Object.entries({ ...calls, ...shellCalls }).flatMap(([name, line]) => {
      const given = { file: '/a', folder: '/a', bytes: new Uint8Array(), experiment: 1, format: 'csv' }
      try {
        return line.outputs(given).length > 0 ? [name] : []
      } catch {
        // Takes something else.
        return []
      }
    })
    expect(writing).toEqual(expect.arrayContaining(['project.create', 'file.write', 'experiment.export']))
    expect(writing).not.toContain('project.open')
    expect(() => shellCalls['file.write'].paths({ file: '/a', bytes: new Uint8Array() })).not.toThrow()
  })
})

describe('the stored state of the application', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'portolan-appState-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is read at the next start, newest first, each project once', () => {
    const file = join(folder, 'deep', 'memory.json')
    const appState = new AppState(file)
    appState.rememberProject('/a.portolan', 1)
    appState.rememberProject('/b.portolan', 2)
    appState.rememberProject('/a.portolan', 3)
    expect(new AppState(file).recent).toEqual([
      { file: '/a.portolan', name: 'a', opened: 3, exists: false },
      { file: '/b.portolan', name: 'b', opened: 2, exists: false },
    ])
  })

  it('forgets one project', () => {
    const file = join(folder, 'memory.json')
    const appState = new AppState(file)
    appState.rememberProject('/a.portolan', 1)
    appState.rememberProject('/b.portolan', 2)
    appState.forgetProject('/b.portolan')
    expect(new AppState(file).recent.map(each => each.name)).toEqual(['a'])
  })

  it('is empty when the file is broken, and can be written again', () => {
    const file = join(folder, 'memory.json')
    writeFileSync(file, '{"window": 7')
    const appState = new AppState(file)
    expect(appState.recent).toEqual([])
    appState.rememberWindow({ x: 1, y: 2, width: 800, height: 600 }, true)
    expect(JSON.parse(readFileSync(file, 'utf8')).window.maximized).toBe(true)
  })
})

describe('missing libraries', () => {
  it('are named by their Debian packages, each once; unknown ones by themselves', () => {
    expect(packagesFor(['libgtk-3.so.0', 'libgdk-3.so.0', 'libnss3.so', 'libodd.so.1'])).toEqual([
      'libgtk-3-0',
      'libnss3',
      'libodd.so.1',
    ])
  })
})
