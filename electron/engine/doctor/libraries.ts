import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { cudaProviderFile } from '../runtime/onnxruntime/devices.ts'
import { packageFile } from '../runtime/tensorflow/packages.ts'
import { linesOf, withoutHome } from './system.ts'

/** The libraries of a device that are installed, and what runtimes require of them in vain. */
export interface Libraries {
  /** Files with their whole version, without the home folder's name. */
  readonly found: readonly string[]
  readonly lacks: readonly Lack[]
}

export interface Lack {
  /** The file that requires them. */
  readonly file: string
  /** As it names them: `libcudnn.so.9`. */
  readonly libraries: readonly string[]
}

const OF_DEVICES =
  process.platform === 'win32'
    ? /^(cudart64|cublas(Lt)?64|cudnn64|cufft64|nvcuda|vulkan-1|DirectML).*\.dll$/i
    : /^lib(cuda|cudart|cublas|cublasLt|cufft|curand|cudnn|vulkan)\.so/

/** What libtensorflow 2.9 opens while it runs, so that its file does not name them. */
const OF_TENSORFLOW = [
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcublasLt.so.11',
  'libcufft.so.10',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
  'libcudnn.so.8',
]

/** What is installed for devices, and what is missing. @returns nothing on macOS, which has all of it */
export async function deviceLibraries(): Promise<Libraries> {
  if (process.platform === 'darwin') return { found: [], lacks: [] }
  const files = await installed()
  const found = files.filter(file => OF_DEVICES.test(basename(file))).map(file => realpathSync(file))
  if (process.platform !== 'linux') return { found: distinct(found), lacks: [] }
  const lacks: Lack[] = []
  const provider = cudaProviderFile()
  if (existsSync(provider)) lacks.push(await unresolved(provider))
  const gpu = packageFile('gpu')
  if (gpu !== undefined) {
    const library = join(dirname(gpu), '../deps/lib/libtensorflow.so.2')
    const names = new Set(files.map(file => basename(file)))
    const { libraries } = await unresolved(library)
    lacks.push({
      file: basename(library),
      libraries: [...libraries, ...OF_TENSORFLOW.filter(name => !names.has(name))],
    })
  }
  return { found: distinct(found), lacks: lacks.filter(({ libraries }) => libraries.length > 0) }
}

const distinct = (files: readonly string[]): readonly string[] => [...new Set(files.map(withoutHome))].sort()

/** Libraries where the loader looks for them. */
async function installed(): Promise<readonly string[]> {
  if (process.platform === 'win32') return filesIn((process.env['PATH'] ?? '').split(delimiter))
  const toolkits = existsSync('/usr/local')
    ? readdirSync('/usr/local').flatMap(name => (name.startsWith('cuda') ? [`/usr/local/${name}/lib64`] : []))
    : []
  const named = filesIn([...(process.env['LD_LIBRARY_PATH'] ?? '').split(delimiter), ...toolkits])
  const cached = [...(await linesOf('/sbin/ldconfig', '-p')), ...named.map(file => `=> ${file}`)]
  return cached.flatMap(line => line.match(/=> (.+)$/)?.slice(1) ?? []).filter(file => existsSync(file))
}

const filesIn = (folders: readonly string[]): readonly string[] =>
  folders.flatMap(folder => {
    try {
      return folder === '' ? [] : readdirSync(folder).map(name => join(folder, name))
    } catch {
      return []
    }
  })

/** Libraries that a file names and the loader does not find. */
async function unresolved(file: string): Promise<Lack> {
  const lines = await linesOf('ldd', file)
  return { file: basename(file), libraries: lines.flatMap(line => line.match(/^(\S+) => not found/)?.slice(1) ?? []) }
}
