import { basename, dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { readRegular } from '../images/read.ts'
import { externalFiles } from '../onnx/external-files.ts'
import { readSidecar, sidecarPath } from './sidecar.ts'

/**
 * The files of a model: the graph, its external data, the sidecar and the label file. Files named in one that cannot be
 * read are omitted: `loadClassifier` reports that error.
 */
export async function modelFiles(model: string): Promise<readonly string[]> {
  const bytes = await readRegular(model, BOUNDS.modelBytes).catch(() => Buffer.alloc(0))
  const data = await orNone(async () => externalFiles(bytes, basename(model)))
  const labels = await orNone(async () => {
    const { labels } = await readSidecar(model)
    return typeof labels === 'string' ? [labels] : []
  })
  return [model, sidecarPath(model), ...[...data, ...labels].map(name => join(dirname(model), name))]
}

async function orNone(names: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await names()
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}
