/**
 * TensorFlow's own library under the package that binds it to Node, @tensorflow/tfjs-node. That package downloads library
 * and binding when it is installed; where it cannot, both can be made of what npm and the Python package index have: the
 * binding's sources are in the package, the library and its headers in the wheel of tensorflow-cpu.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { reason } from '../../electron/contract/errors.ts'
import { cacheFolder } from '../../electron/launch/stand-in.ts'
import { findPython } from '../../electron/tools/python.ts'

const run = promisify(execFile)

const TFJS_NODE = '4.22.0'
/** Later than the package's own library, 2.9.1; its interface in C is the same. */
const TENSORFLOW = '2.21.0'
const HEADERS_OF_NODE = '1.9.0'
/** Of the wheel's file name, for pip. */
const WHEEL = ['--python-version', '3.12', '--implementation', 'cp', '--platform', 'manylinux_2_27_x86_64']

const FOLDER = join(cacheFolder(), `tensorflow-${TENSORFLOW}`)
const PACKAGE = 'node_modules/@tensorflow/tfjs-node'
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

/** Takes the libraries and the headers of C out of the wheel, which has a gigabyte of others. */
const EXTRACT = `
import sys, zipfile
wheel, folder = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
parts = ("tensorflow/libtensorflow", "tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/",
         "tensorflow/include/tsl/platform/", "tensorflow/include/xla/tsl/c/")
wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(parts)])
`

/** Where Node has to look so that Portolan finds the package, NODE_PATH; or why it is not here. */
export type NativeTensorflow = Readonly<Record<'NODE_PATH', string>> | { readonly absent: string }

/** What an earlier run has made. */
export const nativeTensorflow = (): NativeTensorflow =>
  existsSync(join(FOLDER, PACKAGE, 'package.json'))
    ? { NODE_PATH: join(FOLDER, 'node_modules') }
    : { absent: 'native TensorFlow has not been built (npm run conformance -- --native builds it, on Linux x64)' }

/**
 * Builds the binding where an earlier run has not: 300 MB from npm and the Python package index, and a minute of
 * compilation, kept in the user's cache.
 */
export async function buildNativeTensorflow(): Promise<NativeTensorflow> {
  const before = nativeTensorflow()
  if (!('absent' in before)) return before
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { absent: 'native TensorFlow is built here on Linux x64 only' }
  const python = await findPython()
  if (python === undefined) return { absent: 'native TensorFlow needs Python 3, whose package index has its library' }
  const compiler = await findCompiler()
  if (compiler === undefined) return { absent: 'native TensorFlow needs a C++ compiler (apt install g++)' }
  const folder = `${FOLDER}.part`
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }')
    const packages = [`@tensorflow/tfjs-node@${TFJS_NODE}`, `node-api-headers@${HEADERS_OF_NODE}`]
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder })
    const download = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps']
    const only = ['--only-binary=:all:', ...WHEEL, `tensorflow-cpu==${TENSORFLOW}`]
    await run(python, [...download, ...only, '--dest', 'wheel'], { cwd: folder })
    const wheel = `wheel/tensorflow_cpu-${TENSORFLOW}-cp312-cp312-manylinux_2_27_x86_64.whl`
    await run(python, ['-c', EXTRACT, wheel, '.'], { cwd: folder })
    await rm(join(folder, 'wheel'), { recursive: true })
    await compile(compiler, folder)
    await rename(folder, FOLDER)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    return { absent: `native TensorFlow could not be built: ${reason(error)}` }
  }
  return nativeTensorflow()
}

async function findCompiler(): Promise<string | undefined> {
  for (const compiler of [process.env['CXX'], 'c++', 'g++', 'clang++'])
    if (compiler !== undefined)
      try {
        await run(compiler, ['--version'])
        return compiler
      } catch {
        // The next name.
      }
  return undefined
}

/** Compiles the binding to where the package looks for it, with the libraries where its own would be. */
async function compile(compiler: string, folder: string): Promise<void> {
  const lib = join(folder, PACKAGE, 'deps/lib')
  const binding = join(folder, PACKAGE, 'lib/napi-v8')
  await mkdir(lib, { recursive: true })
  await mkdir(binding, { recursive: true })
  for (const name of LIBRARIES) await rename(join(folder, 'tensorflow', name), join(lib, name))
  const include = [PACKAGE, 'tensorflow/include', 'node_modules/node-api-headers/include'].map(name => `-I${name}`)
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map(name => `${PACKAGE}/binding/${name}`)
  const libraries = [...LIBRARIES.map(name => join(lib, name)), '-Wl,-rpath,$ORIGIN/../../deps/lib']
  const flags = ['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8']
  const output = ['-o', join(binding, 'tfjs_binding.node')]
  await run(compiler, [...flags, ...include, ...sources, ...output, ...libraries], { cwd: folder })
}
