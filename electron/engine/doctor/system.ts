import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, homedir, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { version } from '../files/version.ts'

const run = promisify(execFile)
/** Maximum milliseconds for a tool of the system. */
const TIMEOUT = 20_000

/** The machine, as far as a fault may depend on it. */
export interface System {
  readonly portolan: string
  readonly node: string
  /** Distribution or product, kernel, architecture, C library. */
  readonly system: string
  readonly processor: string
  readonly threads: number
  /** Bytes. */
  readonly memory: number
  /** Graphics devices with their drivers, as the system names them. */
  readonly devices: readonly string[]
  /** Variables of the environment that decide what is found. */
  readonly environment: Readonly<Record<string, string>>
}

const VARIABLES = [
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_PATH',
  'CUDA_VISIBLE_DEVICES',
  'VK_ICD_FILENAMES',
  'VK_DRIVER_FILES',
  'NODE_PATH',
]

export async function describeSystem(): Promise<System> {
  const set = VARIABLES.flatMap(name => {
    const value = process.env[name]
    return value ? [[name, withoutHome(value)] as const] : []
  })
  return {
    portolan: version(),
    node: process.versions.node,
    system: [product(), `${process.platform} ${release()}`, process.arch, libc()].filter(Boolean).join(', '),
    processor: cpus()[0]?.model.trim() || process.arch,
    threads: availableParallelism(),
    memory: totalmem(),
    devices: await devices(),
    environment: Object.fromEntries(set),
  }
}

/** Reports are published: a path in the home folder would tell a name. */
export const withoutHome = (text: string): string => text.replaceAll(homedir(), '~')

/** The first line that a tool prints, and the others; none where the tool is missing or fails. */
export async function linesOf(tool: string, ...args: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await run(tool, [...args], { timeout: TIMEOUT, maxBuffer: 2 ** 24 })
    return stdout.split(/\r?\n/).flatMap(line => (line.trim() === '' ? [] : [line.trim()]))
  } catch {
    return []
  }
}

function product(): string | undefined {
  if (!existsSync('/etc/os-release')) return undefined
  return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
}

function libc(): string | undefined {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime && `glibc ${header.glibcVersionRuntime}`
}

async function devices(): Promise<readonly string[]> {
  switch (process.platform) {
    case 'win32': {
      const query =
        'Get-CimInstance Win32_VideoController | ForEach-Object { $_.Name + ", driver " + $_.DriverVersion }'
      return [...(await nvidia()), ...(await linesOf('powershell', '-NoProfile', '-Command', query))]
    }
    case 'darwin':
      return (await linesOf('system_profiler', 'SPDisplaysDataType')).filter(line =>
        /^(Chipset Model|Metal)/.test(line),
      )
    default: {
      const graphics = (await linesOf('lspci')).filter(line => /VGA|3D controller|Display controller/.test(line))
      return [...(await nvidia()), ...graphics]
    }
  }
}

/** NVIDIA's devices; the driver alone where its tool is missing. */
async function nvidia(): Promise<readonly string[]> {
  const fields = 'name,driver_version,memory.total,compute_cap'
  const listed = await linesOf('nvidia-smi', `--query-gpu=${fields}`, '--format=csv,noheader')
  if (listed.length > 0) {
    const cuda = (await linesOf('nvidia-smi')).join('\n').match(/CUDA (?:\w+ )?Version: *([\d.]+)/)?.[1]
    return listed.map(line => {
      const [name, driver, memory, capability] = line.split(', ')
      return `${name}, ${memory}, compute capability ${capability}, driver ${driver}${cuda ? `, which has CUDA ${cuda}` : ''}`
    })
  }
  const driver = '/proc/driver/nvidia/version'
  return existsSync(driver) ? [readFileSync(driver, 'utf8').split('\n')[0]!.trim()] : []
}
