import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctorText } from '../../electron/engine/cli/doctor-text.ts'
import { CHECKS } from '../../electron/engine/conformance/suite.ts'
import { type Examination, examine, healthy } from '../../electron/engine/doctor/examine.ts'
import { describeSystem, withoutHome } from '../../electron/engine/doctor/system.ts'
import { writeNetwork } from '../fixtures/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-doctor-'))
const model = join(folder, 'net.onnx')
beforeAll(() => writeNetwork(model))
afterAll(() => rmSync(folder, { recursive: true }))

const never = new AbortController().signal

test('a runtime is examined: every check of two layers, and its times', async () => {
  const examination = await examine({ name: 'cpu', title: 'CPU' }, model, 120_000, never)
  expect(examination).toMatchObject({ ended: null, measurement: { refused: null } })
  expect(examination.rows.map(({ check }) => check).toSorted()).toEqual([...CHECKS, ...CHECKS].toSorted())
  expect(examination.measurement!.stepMs).toBeGreaterThan(0)
  expect(healthy(examination)).toBe(true)
})

test('one that does not start is reported with its own words, and one that takes too long is stopped', async () => {
  const absent = await examine({ name: 'coreml', title: 'CoreML' }, join(folder, 'none.onnx'), 120_000, never)
  expect(absent.ended).toMatch(/^its process ended with 1: .*none\.onnx/)
  expect(healthy(absent)).toBe(false)
  const late = await examine({ name: 'cpu', title: 'CPU' }, model, 1, never)
  expect(late).toMatchObject({ ended: 'it was stopped after 0 s', rows: [], library: null })
})

const row = {
  network: 'net',
  layer: 'mixed4c',
  check: 'forward',
  difference: 1e-6,
  tolerance: 5e-4,
  seconds: 1,
} as const
const healthyOne: Examination = {
  ...{ name: 'cuda', title: 'CUDA', library: 'onnxruntime-node 1.30.0', device: 'NVIDIA H200' },
  ...{ rows: [row], fallbacks: { nodes: 2, of: 300 }, ended: null, seconds: 12 },
  measurement: {
    ...{ name: 'cuda', library: 'onnxruntime-node 1.30.0', device: 'NVIDIA H200', forwardMs: 2, stepMs: 1.5 },
    ...{ batch: 64, memory: 0, fallbacks: null, error: 0, refused: null },
  },
}

test('a difference beyond rounding, or one that is not a number, is not healthy', () => {
  expect(healthy(healthyOne)).toBe(true)
  expect(healthy({ ...healthyOne, rows: [row, { ...row, difference: 1e-3 }] })).toBe(false)
  expect(healthy({ ...healthyOne, rows: [{ ...row, difference: null }] })).toBe(false)
  expect(healthy({ ...healthyOne, measurement: { ...healthyOne.measurement!, refused: 'wrong' } })).toBe(false)
  expect(healthy({ ...healthyOne, measurement: null })).toBe(false)
})

test('the report says what was found, what lacks, and which numbers are wrong, without the name of the home folder', async () => {
  const system = await describeSystem()
  expect(system.threads).toBeGreaterThan(0)
  expect(system.memory).toBeGreaterThan(2 ** 28)
  expect(withoutHome(`${homedir()}/cuda`)).toBe('~/cuda')
  const wrong = { ...row, check: 'gradient', difference: 0.5 } as const
  const text = doctorText(
    { ...system, devices: ['NVIDIA H200, driver 570'] },
    {
      found: ['/usr/lib/libcudart.so.12.4.127'],
      lacks: [{ file: 'libtensorflow.so.2', libraries: ['libcudnn.so.8'] }],
    },
    [
      {
        name: 'dml',
        title: 'DirectML',
        library: null,
        device: null,
        missing: 'it is absent',
        remedy: null,
        note: null,
      },
    ],
    [
      { ...healthyOne, rows: [row, wrong] },
      { ...healthyOne, title: 'WebGPU', rows: [], ended: 'it was stopped after 60 s' },
    ],
  )
  for (const line of [
    /^Portolan \S+, Node \d+\.\d+/m,
    /^ {2}NVIDIA H200, driver 570$/m,
    /^ {2}libcudnn\.so\.8 by libtensorflow\.so\.2$/m,
    /^ {2}DirectML: it is absent$/m,
    /^ {2}mixed4c +1\.0e-6 +5\.0e-1 WRONG +– +– +–$/m,
    /per icon and step 1\.50 ms in batches of 64, 2 of 300 nodes left to the CPU/,
    /it was stopped after 60 s/,
  ])
    expect(text).toMatch(line)
})
