/**
 * `npm run conformance`: every runtime of this machine against the CPU, as a table for a report. `-- --model FILE` holds
 * them against it on another network, `-- --runtime webgpu` only one of them.
 */
import { parseArgs } from 'node:util'
import { reason } from '../../electron/contract/errors.ts'
import { RuntimeName } from '../../electron/contract/runtimes.ts'
import { BACKENDS } from '../../electron/engine/runtime/backends.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'
import { conformance, type Report } from './child.ts'
import { softwareWebgpu } from './software.ts'
import { passes } from './suite.ts'

const { values } = parseArgs({
  options: {
    /** Software devices take a second and more for each step. */
    steps: { type: 'string', default: '20' },
    /** Small networks only. */
    small: { type: 'boolean', default: false },
    /** A GoogLeNet: its layers mixed3b, mixed4c and mixed5b are looked at. Portolan's own by default. */
    model: { type: 'string' },
    /** This one only. */
    runtime: { type: 'string' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
let failed = false

function print(title: string, { library, device, rows, fallbacks }: Report): void {
  say(
    `\n**${title}**: ${library}, ${device}${fallbacks ? `; ${fallbacks.nodes} of ${fallbacks.of} nodes on the CPU` : ''}\n`,
  )
  say('| network | layer | forward | gradient | derivative | steps | inversion (of 255) | s |')
  say('|---|---|---|---|---|---|---|---|')
  for (const network of new Set(rows.map(row => `${row.network} | ${row.layer}`))) {
    const own = rows.filter(row => `${row.network} | ${row.layer}` === network)
    failed ||= !own.every(passes)
    const cells = own.map(row => `${row.difference.toExponential(1)}${passes(row) ? '' : ' **FAILED**'}`)
    const seconds = own
      .filter(({ check }) => check !== 'gradient' && check !== 'derivative')
      .reduce((sum, row) => sum + row.seconds, 0)
    say(`| ${network} | ${cells.join(' | ')} | ${seconds.toFixed(1)} |`)
  }
}

const model = values.small ? undefined : (values.model ?? sharedFolder('models/inceptionv1-portolan.onnx'))
if (!model) say(`GoogLeNet is left out${values.small ? '' : `: ${skipReason}`}`)
const only = values.runtime === undefined ? undefined : RuntimeName.parse(values.runtime)
for (const backend of BACKENDS.filter(({ name }) => name === (only ?? name))) {
  const { name, title, missing, remedy } = await backend.find()
  let [label, env] = [title, {}]
  if (missing !== null) {
    const software = name === 'webgpu' ? await softwareWebgpu() : { absent: missing }
    if ('absent' in software) {
      say(`\n**${title}**: ${missing}${remedy === null ? '' : ` (${remedy})`}`)
      continue
    }
    ;[label, env] = ['WebGPU (software)', software]
  }
  try {
    print(label, await conformance(name, ['--steps', values.steps], env))
    if (model)
      for (const layers of [
        ['--layers', 'mixed3b,mixed4c'],
        ['--layers', 'mixed5b', '--whole'],
      ])
        print(label, await conformance(name, ['--steps', values.steps, '--model', model, ...layers], env))
  } catch (error) {
    failed = true
    say(`\n**${label}** FAILED: ${reason(error)}`)
  }
}
process.exitCode = failed ? 1 : 0
