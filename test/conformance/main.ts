/** `npm run conformance`: every runtime of this machine against the CPU, as a table for a report. */
import { reason, UserError } from '../../electron/contract/errors.ts'
import { RuntimeName } from '../../electron/contract/runtimes.ts'
import { PARTS, type Part, passes, type Row } from '../../electron/engine/conformance/suite.ts'
import { BACKENDS } from '../../electron/engine/runtime/backends.ts'
import { runScript, type Script, timed } from '../fixtures/parts.ts'
import { modelFile, skipReason } from '../fixtures/shared.ts'
import { conformance, type Report } from './child.ts'
import { buildNativeTensorflow } from './native-tensorflow.ts'
import { softwareWebgpu } from './software.ts'

const CHECKS_OF: Readonly<Record<Part, readonly Row['check'][]>> = {
  derivatives: ['forward', 'gradient', 'derivative'],
  steps: ['step'],
  inversion: ['inversion'],
}
const TITLES: Readonly<Record<Row['check'], string>> = {
  forward: 'forward',
  gradient: 'gradient',
  derivative: 'derivative',
  step: 'steps',
  inversion: 'inversion (of 255)',
}

const script: Script = {
  command: 'npm run conformance',
  about: 'Holds every runtime of this machine against the CPU, on small networks and on GoogLeNet.',
  parts: {
    derivatives: 'forward passes, gradients and directional derivatives',
    steps: "single steps of an inversion, each from the CPU's state",
    inversion: 'whole inversions, to the icons',
  } satisfies Record<Part, string>,
  options: {
    runtime: { value: 'NAME', about: `this one only: ${RuntimeName.options.join(', ')}` },
    steps: { value: 'N', about: 'of an inversion; 20 by default. Software devices take a second and more for each' },
    small: { about: 'small networks only' },
    native: { about: "TensorFlow's own library too, which is built in the user's cache at first (Linux x64)" },
    model: {
      value: 'FILE',
      about: "a GoogLeNet, of which mixed3b, mixed4c and mixed5b are tried; Portolan's own by default",
    },
  },
}

const writeLine = (line: string): void => void process.stdout.write(`${line}\n`)
let failed = false

function print(parts: readonly Part[], title: string, { library, device, rows, fallbacks }: Report): void {
  writeLine(
    `\n**${title}**: ${library}, ${device}${fallbacks ? `; ${fallbacks.nodes} of ${fallbacks.of} nodes on the CPU` : ''}\n`,
  )
  const columns = ['network', 'layer', ...parts.flatMap(part => CHECKS_OF[part]).map(check => TITLES[check]), 's']
  writeLine(`| ${columns.join(' | ')} |`)
  writeLine(`|${'---|'.repeat(columns.length)}`)
  for (const network of new Set(rows.map(row => `${row.network} | ${row.layer}`))) {
    const own = rows.filter(row => `${row.network} | ${row.layer}` === network)
    failed ||= !own.every(passes)
    const cells = own.map(row => `${row.difference.toExponential(1)}${passes(row) ? '' : ' **FAILED**'}`)
    const seconds = own
      .filter(({ check }) => check !== 'gradient' && check !== 'derivative')
      .reduce((sum, row) => sum + row.seconds, 0)
    writeLine(`| ${network} | ${cells.join(' | ')} | ${seconds.toFixed(1)} |`)
  }
}

await runScript(script, process.argv.slice(2), async ({ parts: names, options }) => {
  const parts = PARTS.filter(part => names.includes(part))
  const only = options['runtime'] === undefined ? undefined : RuntimeName.safeParse(options['runtime'])
  if (only?.success === false)
    throw new UserError(
      `${script.command}: there is no runtime "${options['runtime']}"; there are ${RuntimeName.options.join(', ')}`,
      { exitCode: 2 },
    )
  const steps = String(options['steps'] ?? 20)
  if (!/^[1-9]\d*$/.test(steps))
    throw new UserError(`${script.command}: --steps takes a number of steps, such as 20, not "${steps}"`, {
      exitCode: 2,
    })
  const given = options['model'] === undefined ? undefined : String(options['model'])
  const model = options['small'] ? undefined : (given ?? modelFile('inceptionv1-portolan.onnx'))
  if (!model) writeLine(`GoogLeNet is left out${options['small'] ? '' : `: ${skipReason}`}`)
  const common = ['--steps', steps, '--parts', parts.join()]
  const networks: readonly (readonly [string, readonly string[]])[] = [
    ['small networks', []],
    ...(model === undefined
      ? []
      : ([
          ['mixed3b and mixed4c', ['--model', model, '--layers', 'mixed3b,mixed4c']],
          ['mixed5b', ['--model', model, '--layers', 'mixed5b', '--whole']],
        ] as const)),
  ]
  const tryAll = async (name: RuntimeName, label: string, env: Readonly<Record<string, string>>): Promise<void> => {
    try {
      for (const [what, args] of networks)
        print(parts, label, await timed(`${label}, ${what}`, () => conformance(name, [...common, ...args], env)))
    } catch (error) {
      failed = true
      writeLine(`\n**${label}** FAILED: ${reason(error)}`)
    }
  }
  for (const backend of BACKENDS.filter(({ name }) => name === (only?.data ?? name))) {
    const { name, title, missing, remedy } = await backend.find()
    if (missing === null) await tryAll(name, title, {})
    else {
      const software = name === 'webgpu' ? await softwareWebgpu() : { absent: missing }
      if ('absent' in software) writeLine(`\n**${title}**: ${missing}${remedy === null ? '' : ` (${remedy})`}`)
      else await tryAll(name, 'WebGPU (software)', software)
    }
  }
  if (options['native']) {
    const native = await timed('TensorFlow (processor), its library', buildNativeTensorflow)
    if ('absent' in native) writeLine(`\n**TensorFlow (processor)**: ${native.absent}`)
    else await tryAll('tensorflow', 'TensorFlow (processor)', native)
  }
  process.exitCode = failed ? 1 : 0
})
