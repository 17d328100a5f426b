/**
 * Compiles native/*.cpp to native/layout.wasm, which is in the repository: users need no compiler.
 *
 *   npm run native
 *
 * Needs Python 3 (PYTHON names another than python3) and its package index, from which the compiler is installed into a
 * temporary environment at the version below. The same sources result in the same bytes; test/engine/native-build.test.ts
 * compares them.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findPython, installPackage } from './python.ts'

const run = promisify(execFile)

/** Zig, which carries Clang and LLVM's linker for every system. Another version results in other bytes. */
const COMPILER = 'ziglang==0.17.1'

const NATIVE = fileURLToPath(new URL('../../native/', import.meta.url))
export const LAYOUT_WASM = join(NATIVE, 'layout.wasm')

const EXPORTS = [
  'memberships',
  'transpose',
  'symmetric',
  'optimise',
  'scratch_floats',
  'lengths',
  'nearest',
  'nearest_by_neighbours',
  'exact_distances',
  'nearest_centres',
  'move_centres',
  'nearest_in_clusters',
  'ranks',
  'second_moment',
  'total',
  'project',
]

const FLAGS = [
  '-target',
  'wasm32-freestanding',
  // Threads and vectors of four; not the relaxed ones, whose results depend on the machine.
  '-mcpu=generic+simd128+atomics+bulk_memory+mutable_globals',
  '-O3',
  '-std=c++20',
  '-ffreestanding',
  '-nostdlib',
  '-fno-exceptions',
  '-fno-rtti',
  // A product and a sum stay two roundings.
  '-ffp-contract=off',
  '-fno-sanitize=all',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wl,--no-entry',
  '-Wl,--import-memory',
  '-Wl,--shared-memory',
  '-Wl,--max-memory=4294901760',
  '-Wl,--strip-all',
  // Every thread has a stack of its own, in memory that the caller provides.
  '-Wl,-z,stack-size=65536',
  '-Wl,--export=__stack_pointer',
  ...EXPORTS.map(name => `-Wl,--export=${name}`),
]

/** Installs the compiler into a folder. @returns the Python that has it; @throws with pip's message where it fails */
export const installCompiler = (python: string, folder: string): Promise<string> =>
  installPackage(python, folder, COMPILER)

/** @param python that has the compiler; @param folder for what the compiler keeps between runs */
export const compile = async (python: string, folder: string, output: string): Promise<void> => {
  const sources = (await readdir(NATIVE)).filter(name => name.endsWith('.cpp')).sort()
  const env = {
    ...process.env,
    ZIG_GLOBAL_CACHE_DIR: join(folder, 'cache'),
    ZIG_LOCAL_CACHE_DIR: join(folder, 'cache'),
  }
  await run(python, ['-m', 'ziglang', 'c++', ...FLAGS, ...sources, '-o', output], { cwd: NATIVE, env })
}

if (import.meta.main) {
  const python = await findPython()
  if (python === undefined)
    throw new Error('Python 3 with its module venv is required: install it, or name it by PYTHON')
  const folder = await mkdtemp(join(tmpdir(), 'portolan-native-'))
  try {
    await compile(await installCompiler(python, join(folder, 'environment')), folder, LAYOUT_WASM)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
