import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { succeed } from '../fixtures/command-line.ts'
import { normals } from '../fixtures/random.ts'

test('model info reports a single logit with a sigmoid as in the sidecar, not as converted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-info-'))
  try {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 16, 16] })
    const weights = g.initializer(float32([4, 3, 3, 3], normals(1, 108, 0.2)))
    const layer = g.node('Conv', ['x', weights], { pads: ints([1, 1, 1, 1]) })
    const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [layer])], { axis: int(1) })
    const logit = g.node('MatMul', [pooled, g.initializer(float32([4, 1], normals(2, 4)))])
    const file = join(folder, 'one.onnx')
    writeFileSync(file, writeGraph(g.build('one', [{ name: logit, type: 'float32', shape: ['N', 1] }], 17)))
    const input = { size: 16, channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] }
    const sidecar = { name: 'one', input, logits: logit, probabilities: 'sigmoid', layers: { conv: layer } }
    writeFileSync(join(folder, 'one.model.json'), JSON.stringify(sidecar))
    const { out } = await succeed('model', 'info', file, '--no-check')
    expect(out).toMatch(new RegExp(`logits +${logit.replaceAll('.', '\\.')}\\n`))
    expect(out).toMatch(/probabilities +sigmoid of a single logit: no and yes\nclasses +2\n/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
