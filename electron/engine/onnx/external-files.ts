import onnxProto, { type onnx } from 'onnx-proto'
import { UserError } from '../../contract/errors.ts'

/** Every entry of external data has this key. */
const LOCATION = Buffer.from('location')

/**
 * The names of a model's files of external weights, sorted, as written in the model: `openExternal` checks which may be
 * opened.
 * @param bytes the .onnx file
 * @param file  its name, for messages
 * @throws UserError when the bytes are not a model
 */
export function externalFiles(bytes: Buffer, file: string): readonly string[] {
  // Most models have none: a search through the bytes saves them a second decoding.
  if (!bytes.includes(LOCATION)) return []
  let model: onnx.ModelProto
  try {
    model = onnxProto.onnx.ModelProto.decode(bytes)
  } catch (cause) {
    throw new UserError(`cannot read ${file}: it is damaged; fetch or export the model again`, { cause })
  }
  const names = new Set<string>()
  const add = (tensor: onnx.ITensorProto | null | undefined): void => {
    for (const { key, value } of tensor?.externalData ?? []) if (key === 'location' && value) names.add(value)
  }
  for (const tensor of model.graph?.initializer ?? []) add(tensor)
  for (const { attribute } of model.graph?.node ?? []) for (const { t } of attribute ?? []) add(t)
  return [...names].sort()
}
