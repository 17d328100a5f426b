/**
 * `npm run networks -- --folder FOLDER`: exports networks of torchvision and timm into a folder, and holds what Portolan
 * computes for each against torch. What an earlier run has exported is kept, and with --only its results of all other
 * networks. After each network it writes test/networks/results.json, and the table of docs/networks.md.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { reason, UserError } from '../../electron/contract/errors.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { findPython } from '../../electron/tools/python.ts'
import { between } from '../fixtures/markdown.ts'
import { runScript, type Script, timed } from '../fixtures/parts.ts'
import { checkExport, readReference } from './check.ts'
import { EXPORTERS, NETWORKS, type Outcome, PAGE, printed, RESULTS_FILE, type Results, readResults } from './results.ts'

const run = promisify(execFile)

const script: Script = {
  command: 'npm run networks',
  about: 'Holds what Portolan computes for networks of torchvision and timm against torch.',
  parts: { export: 'export what the folder does not have yet', check: 'compare' },
  options: {
    folder: { value: 'DIR', about: 'of the exports, some gigabytes (required)' },
    only: { value: 'NAMES', about: 'of networks, divided by commas; the results of all others are kept' },
  },
}

const VERSIONS = `import torch, torchvision, timm; print(f"torch {torch.__version__.split('+')[0]}, torchvision {torchvision.__version__.split('+')[0]}, timm {timm.__version__}")`

await runScript(script, process.argv.slice(2), async ({ parts, options }) => {
  const folder = options['folder']
  if (folder === undefined) throw new UserError(`${script.command}: name a folder with --folder`, { exitCode: 2 })
  mkdirSync(String(folder), { recursive: true })
  const python = await findPython()
  const versions = await run(python ?? 'python3', ['-c', VERSIONS]).catch(() => undefined)
  if (python === undefined || versions === undefined)
    throw new UserError(
      `${script.command}: it needs a Python with torch, torchvision, timm, onnx and onnxscript; name it by PYTHON`,
    )
  const only = options['only'] === undefined ? undefined : String(options['only']).split(',')
  const unknown = only?.find(name => !NETWORKS.includes(name))
  if (unknown !== undefined)
    throw new UserError(`${script.command}: there is no network "${unknown}"; test/networks/list.json has all`, {
      exitCode: 2,
    })
  if (parts.includes('export')) await exported(python, String(folder), only ?? [])
  if (parts.includes('check')) await checked(String(folder), versions.stdout.trim(), only)
})

async function exported(python: string, folder: string, names: readonly string[]): Promise<void> {
  const child = spawn(python, [join(import.meta.dirname, 'export.py'), folder, ...names], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new UserError(`${script.command}: the export ended with ${code}`)
}

async function checked(folder: string, versions: string, only: readonly string[] | undefined): Promise<void> {
  const stems = (only ?? NETWORKS)
    .map(name => name.replaceAll('/', '-'))
    .filter(stem => existsSync(join(folder, `${stem}.json`)))
  const earlier = only === undefined ? undefined : readResults()
  const networks = earlier?.versions === versions ? { ...earlier.networks } : {}
  const runtime = await createCpuRuntime()
  try {
    for (const stem of stems) {
      const { name, parameters } = readReference(folder, stem)
      const exports: Record<string, Outcome> = {}
      for (const exporter of Object.keys(EXPORTERS))
        exports[exporter] = await timed(`${name}, ${EXPORTERS[exporter as keyof typeof EXPORTERS]}`, () =>
          checkExport(folder, stem, exporter, runtime).catch(
            (error: unknown): Outcome => ({ refused: `this is a bug: ${reason(error)}` }),
          ),
        )
      networks[name] = { parameters, exports }
      write({ versions, networks: Object.fromEntries(Object.entries(networks).sort(([a], [b]) => a.localeCompare(b))) })
    }
  } finally {
    await runtime.close()
  }
}

function write(results: Results): void {
  writeFileSync(RESULTS_FILE, `${JSON.stringify(results, null, 2)}\n`)
  const page = readFileSync(PAGE, 'utf8')
  writeFileSync(
    PAGE,
    page.replace(between(page, 'networks'), () => printed(results)),
  )
}
