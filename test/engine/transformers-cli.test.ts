import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { portolan, succeed } from '../fixtures/command-line.ts'
import { writePhotographs } from '../fixtures/project-files.ts'
import { transformers } from '../fixtures/transformers.ts'

let folder = ''
const path = (name: string): string => join(folder, name)
const PHOTOGRAPHS = 24

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-transformer-'))
  await writeFile(path('vit.onnx'), writeGraph(transformers.vit().graph))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  await succeed('model', 'init', path('vit.onnx'))
  await succeed(
    ...['atlas', 'build', path('vit.portolan'), '--model', path('vit.onnx'), '--images', path('photos')],
    ...['--layers', 'block1,block2,norm', '--samples', String(4 * PHOTOGRAPHS), '--grid', '2', '--min-samples', '2'],
    ...['--preset', 'draft', '--steps', '3'],
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a transformer on the command line', () => {
  it('is described with the size of its icons', async () => {
    const { out } = await succeed('model', 'info', path('vit.onnx'), '--no-check')
    expect(out).toMatch(/block1 +12 +4 × 4 +8 px +32 px/)
    expect(out).toContain('icons of these layers are made at this size, with the presets atlas, draft, calm and recipe')
  })

  it('has an atlas of the tokens at their positions', async () => {
    const { out } = await succeed('project', 'check', path('vit.portolan'), '--json')
    expect(JSON.parse(out)).toMatchObject({ whole: true, faults: [] })
  })

  it('has class atlases, but of no layer that is read through a LayerNorm alone', async () => {
    const of = (layer: string) =>
      portolan(
        'class-atlas',
        path('vit.portolan'),
        '--layer',
        layer,
        '--class',
        'index:3',
        '--grid',
        '2',
        '--min-samples',
        '1',
      )
    for (const layer of ['block1', 'norm']) expect(await of(layer)).toMatchObject({ status: 0 })
    const refused = await of('block2')
    expect(refused.status).toBe(1)
    expect(refused.err).toMatch(
      /cannot select samples of .* at block2: none has any attribution, because vit reads this layer through normalisations only/,
    )
  })

  it('refuses presets that need images of other sizes before any work', async () => {
    const args = ['--model', path('vit.onnx'), '--images', path('photos'), '--layers', 'block1', '--preset', 'notebook']
    const refused = await portolan('atlas', 'build', path('other.portolan'), ...args)
    expect(refused.status).toBe(1)
    expect(refused.err).toContain(
      'cannot invert layer "block1": the network takes images of 32 × 32 pixels only, and this preset crops and scales them to other sizes; choose the preset atlas, draft, calm or recipe',
    )
  })
})
