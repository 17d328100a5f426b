import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { BOUNDS } from '../../electron/engine/bounds/bounds.ts'
import type { AppState } from '../../electron/main/app-state.ts'
import type { EngineProcess } from '../../electron/main/engine/engine-process.ts'
import { Grants } from '../../electron/main/grants.ts'
import { shellHandlers } from '../../electron/main/shell-handlers.ts'
import type { Windows } from '../../electron/main/window/windows.ts'

vi.mock('electron', () => ({ app: {}, BrowserWindow: {}, dialog: {}, clipboard: {}, nativeImage: {} }))

it('the window saves a file as a whole, and never over a project that was opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-save-'))
  try {
    const [project, figure] = [join(folder, 'a.portolan'), join(folder, 'figure.png')]
    writeFileSync(project, 'a project')
    const recent = [{ file: project, name: 'a', opened: 0, exists: true }]
    // Only what is remembered of projects matters here.
    const handlers = shellHandlers(new Grants(), { recent } as unknown as AppState, {} as Windows, {} as EngineProcess)
    const write = (file: string) => handlers['file.write']({ file, bytes: new Uint8Array([1, 2]) }, {} as never)
    await write(figure)
    expect([...readFileSync(figure)]).toEqual([1, 2])
    await expect(write(project)).rejects.toThrow(`cannot write ${project}: it is`)
    expect(readFileSync(project, 'utf8')).toBe('a project')
    await expect(write(folder)).rejects.toThrow('it is a folder')
    expect(readdirSync(folder).toSorted()).toEqual(['a.portolan', 'figure.png'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('a page opens no more windows than the machine may hold', async () => {
  const open = [1]
  const windows = { clients: () => open, create: () => open.push(open.length + 1) }
  const handlers = shellHandlers(new Grants(), {} as AppState, windows as unknown as Windows, {} as EngineProcess)
  const another = () => handlers['window.new']({}, {} as never)
  for (let i = 1; i < BOUNDS.windows; i++) await another()
  await expect(another()).rejects.toThrow(`there are ${BOUNDS.windows} windows already; close one of them first`)
  expect(open).toHaveLength(BOUNDS.windows)
})
