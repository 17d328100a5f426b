/** Starts a runtime and adds two numbers with it, in a separate process because drivers may crash it. */
import { reason } from '../../contract/errors.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { float32 } from '../onnx/tensor.ts'
import { BACKENDS } from './backends.ts'

const send = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

try {
  const backend = BACKENDS.find(({ name }) => name === process.argv[2])
  if (!backend) throw new Error(`unknown runtime ${process.argv[2]}`)
  const runtime = await backend.open()
  const g = new GraphBuilder()
  const x = g.input({ name: 'x', type: 'float32', shape: [1] })
  const program = await runtime.load(g.build('probe', [{ name: g.add(x, x), type: 'float32', shape: [1] }]))
  const [sum] = Object.values(await program.run({ x: float32([1], [2]) }))
  if (sum?.data[0] !== 4) throw new Error(`it computed 2 + 2 = ${sum?.data[0]}`)
  const { library, device } = runtime.identity
  send({ library, device })
  await runtime.close()
} catch (error) {
  send({ error: reason(error) })
}
