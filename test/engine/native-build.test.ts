import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { compile, installCompiler, LAYOUT_WASM } from '../../electron/tools/build-native.ts'
import { findPython } from '../../electron/tools/python.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-native-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The compiler, or why it cannot be had here. Where NATIVE_BUILD is "required" (continuous integration) it must be. */
const compiler = async (): Promise<{ readonly python: string } | { readonly absent: string }> => {
  const python = await findPython()
  if (python === undefined) return { absent: 'there is no Python 3 with the module venv' }
  try {
    return { python: await installCompiler(python, join(folder, 'environment')) }
  } catch {
    return { absent: 'the compiler cannot be installed from the Python package index' }
  }
}
const found = await compiler()
const absent = 'absent' in found && process.env['NATIVE_BUILD'] !== 'required' ? found.absent : undefined

it.skipIf(absent !== undefined)(
  `native/layout.wasm is what its sources result in${absent === undefined ? '' : ` (skipped: ${absent})`}`,
  async () => {
    if ('absent' in found) throw new Error(found.absent)
    const rebuilt = join(folder, 'layout.wasm')
    await compile(found.python, folder, rebuilt)
    expect(Buffer.compare(await readFile(rebuilt), await readFile(LAYOUT_WASM))).toBe(0)
  },
  600_000,
)
