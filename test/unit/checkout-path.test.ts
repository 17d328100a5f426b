import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('the command line starts in a folder whose name means something in a URL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-path-'))
  try {
    const checkout = join(folder, 'a#b?c%23 ü')
    mkdirSync(join(checkout, 'node_modules'), { recursive: true })
    for (const part of ['electron', 'resources/fonts', 'package.json'])
      cpSync(join(root, part), join(checkout, part), { recursive: true })
    for (const name of readdirSync(join(root, 'node_modules')))
      symlinkSync(join(root, 'node_modules', name), join(checkout, 'node_modules', name))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(checkout, 'electron/engine/cli/portolan.mjs'), '--version'],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
