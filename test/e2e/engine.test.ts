import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { enginePid, engineReady, inPage, start } from './electron.ts'

describe('the engine of the window', () => {
  it('is started again when it is killed, with the project open', async () => {
    const portolan = await start()
    try {
      const { app, page, folder } = portolan
      await engineReady(page)
      const file = join(folder, 'kept.portolan')
      writeFileSync(file, '')
      await app.evaluate(({ dialog }, file) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [file] })
      }, file)
      await inPage(
        page,
        async bridge => {
          const [chosen] = await bridge.shell('dialog.open', { kind: 'project' })
          await bridge.call('project.open', { file: chosen! })
          const states: string[] = []
          Object.assign(window, { states })
          bridge.on('engine.state', state =>
            states.push(state.state === 'lost' ? `lost: ${state.reason}` : state.state),
          )
          // Called, and without a result before the end.
          Object.assign(window, {
            lost: bridge.call('jobs.log', { job: 1 }).then(
              () => 'returned',
              (error: Error) => error.message,
            ),
          })
        },
        null,
      )
      const before = enginePid(app)
      process.kill(before!, 'SIGKILL')
      const lost = await page.evaluate(() => (window as unknown as { lost: Promise<string> }).lost)
      expect(lost).toContain('the engine stopped before the call returned')
      // Called while there is none: it waits for the next one.
      const summary = await inPage(page, bridge => bridge.call('project.summary', {}), null)
      expect(summary?.name).toBe('kept')
      const states = await page.evaluate(() => (window as unknown as { states: string[] }).states)
      expect(states).toEqual(['ready', 'lost: it was killed by SIGKILL', 'starting', 'ready'])
      expect(enginePid(app)).not.toBe(before)
    } finally {
      await portolan.close()
    }
  })

  it('is given up after six quick deaths, reports why, and is restarted on request', async () => {
    const portolan = await start({ env: { PORTOLAN_ENGINE: '/nowhere/engine.ts' } })
    try {
      const last = await inPage(
        portolan.page,
        bridge =>
          new Promise<string>(resolve => {
            bridge.on('engine.state', state => {
              if (state.state === 'lost' && state.retryInMs === null) resolve(state.reason)
            })
          }),
        null,
      )
      expect(last).toMatch(/it exited with status 1 \(Error: Cannot find module/)
      const refusal = await inPage(
        portolan.page,
        bridge =>
          bridge.call('jobs.list', {}).then(
            () => '',
            (error: Error) => error.message,
          ),
        null,
      )
      expect(refusal).toContain('the engine does not start')
      const state = await inPage(
        portolan.page,
        async bridge => {
          const next = new Promise<string>(resolve => {
            bridge.on('engine.state', ({ state }) => state === 'starting' && resolve(state))
          })
          await bridge.shell('engine.restart', {})
          return next
        },
        null,
      )
      expect(state).toBe('starting')
    } finally {
      await portolan.close()
    }
  })

  it('does not keep the window from closing while there is none', async () => {
    const portolan = await start({ env: { PORTOLAN_ENGINE: '/nowhere/engine.ts' } })
    await portolan.page.waitForTimeout(500)
    const before = performance.now()
    await portolan.close()
    expect(performance.now() - before).toBeLessThan(4000)
  })

  it('ends with the window', async () => {
    const portolan = await start()
    await engineReady(portolan.page)
    const pid = enginePid(portolan.app)!
    await portolan.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('the windows', () => {
  it('are one instance: a second start shows its project in the first', async () => {
    const portolan = await start()
    try {
      await engineReady(portolan.page)
      const profile = join(portolan.folder, 'profile')
      writeFileSync(join(portolan.folder, 'second.portolan'), '')
      const chosen = inPage(
        portolan.page,
        bridge => new Promise<string>(resolve => void bridge.on('project.chosen', ({ file }) => resolve(file))),
        null,
      )
      const file = join(portolan.folder, 'second.portolan')
      await start({ profile, args: [file] }).then(
        second => second.close(),
        () => {},
      )
      expect(await chosen).toBe(file)
      expect(portolan.app.windows()).toHaveLength(1)
    } finally {
      await portolan.close()
    }
  })

  it('open where the last one was closed', async () => {
    const first = await start()
    const profile = join(first.folder, 'profile')
    const place = { x: 100, y: 80, width: 1000, height: 700 }
    await first.app.evaluate(({ BrowserWindow }, place) => {
      const window = BrowserWindow.getAllWindows()[0]!
      window.setBounds(place)
      window.close()
    }, place)
    await first.app.waitForEvent('close').catch(() => {})
    const second = await start({ profile })
    const found = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getNormalBounds())
    await second.close()
    await first.close().catch(() => {})
    expect(found).toEqual(place)
  })
})
