import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork } from '../fixtures/project-files.ts'

const program = fileURLToPath(new URL('../../electron/engine/cli/main.ts', import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-telemetry-'))
  for (const name of ['home', 'tmp']) await mkdir(join(folder, name))
  await writeNetwork(join(folder, 'net.onnx'))
  await photograph(50, 40, 1).jpeg().toFile(join(folder, 'one.jpg'))
})
afterAll(() => rm(folder, { recursive: true }))

it('ONNX Runtime keeps no device identifier and queues no events about this machine', async () => {
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: _cache, ...inherited } = process.env
  const home = join(folder, 'home')
  const tmp = join(folder, 'tmp')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, 'classify', join(folder, 'net.onnx'), join(folder, 'one.jpg'), '--json'],
    { env: { ...inherited, PORTOLAN_DATA: join(folder, 'data'), HOME: home, TMPDIR: tmp } },
  )
  expect(JSON.parse(stdout)).toMatchObject({ images: [{}] })
  expect(await readdir(home)).toEqual([])
  // Node's compile cache and whatever else an embedding tool keeps there is none of ONNX Runtime's.
  expect((await readdir(tmp)).filter(name => name === '.ses' || name.startsWith('mat-debug'))).toEqual([])
})
