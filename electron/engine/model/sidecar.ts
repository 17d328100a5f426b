import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { parseBounded } from '../../contract/bounded-json.ts'
import { reason, UserError } from '../../contract/errors.ts'
import { LayerName } from '../../contract/values.ts'
import { fileReason } from '../images/read.ts'
import { decodeText, readTextFile } from './text-file.ts'

/** Limits of the numbers of the preprocessing: beyond them single precision loses the picture. */
const LARGEST = 1e6
const SMALLEST_STD = 1e-6
const number = z.number().min(-LARGEST).max(LARGEST)
const perChannel = z.tuple([number, number, number])
const edge = z.int().min(8).max(4096)

/** The preprocessing from a photograph to the network's input. */
export const Input = z.strictObject({
  /** Edge of a square image, or its height and width, in pixels. */
  size: z
    .union([edge, z.tuple([edge, edge])])
    .transform(size => (typeof size !== 'number' && size[0] === size[1] ? size[0] : size)),
  /** The order in which the network takes the three colours. */
  channels: z.enum(['RGB', 'BGR']),
  /** The values of black and white before mean and standard deviation are applied: 0 and 255, 0 and 1, −1 and 1. */
  range: z.tuple([number, number]).refine(([black, white]) => black < white, {
    error: 'two numbers, black before white',
  }),
  /** Subtracted first, in the order of `channels`. */
  mean: perChannel,
  /** Divided by second, in the order of `channels`. */
  std: perChannel
    .refine(std => std.every(value => value > 0), { error: 'three numbers above 0' })
    .refine(std => std.every(value => value <= 0 || value >= SMALLEST_STD), {
      error: `three numbers of ${SMALLEST_STD} or more`,
    }),
  /** Whether a photograph is stretched to the input's size, or its largest central part of that shape is cropped. */
  resize: z.enum(['stretch', 'crop']).default('stretch'),
})

export type Preprocessing = Readonly<z.output<typeof Input>>

/** The image that a network takes, in pixels. */
export interface Extent {
  readonly height: number
  readonly width: number
}

export const inputSize = ({ size }: Pick<Preprocessing, 'size'>): Extent =>
  typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] }

/** `224 × 224`, height first. */
export const inputSizeText = (preprocessing: Pick<Preprocessing, 'size'>): string => {
  const { height, width } = inputSize(preprocessing)
  return `${height} × ${width}`
}

const text = z.string().min(1)

/** The contents of `NAME.model.json` beside `NAME.onnx`. */
export const Sidecar = z.strictObject({
  $schema: z.string().optional(),
  name: text,
  input: Input,
  /** The value before the softmax or sigmoid. */
  logits: text,
  /**
   * Probabilities of the logits: a softmax over all classes, or a sigmoid for each class separately. A single logit with
   * a sigmoid is a network of two classes, no and yes.
   */
  probabilities: z.enum(['softmax', 'sigmoid']).optional(),
  /** A file beside the model with a class in every line, or the classes themselves. */
  labels: z.union([text, z.array(text).min(1)], { error: 'a file name or a list of names' }).optional(),
  /** The field's name of a layer to the name of its tensor. */
  layers: z.record(LayerName, text),
  license: z.string().default('unknown'),
  source: z.string().default('unknown'),
  /** Fields that `model init` guessed and that are not confirmed yet, such as `input.mean`. */
  unconfirmed: z.array(text).optional(),
  /** For fields of `unconfirmed`, other possible values. */
  alternatives: z.record(z.string(), z.array(z.json())).optional(),
})
export type Sidecar = Readonly<z.output<typeof Sidecar>>
export type Probabilities = NonNullable<Sidecar['probabilities']>

/** `NAME.model.json` beside `NAME.onnx`. */
export const sidecarPath = (model: string): string =>
  join(dirname(model), `${basename(model).replace(/\.onnx$/i, '')}.model.json`)

/**
 * Reads the sidecar of a model.
 * @param model the model file
 * @throws UserError when it is missing, is not JSON, or has an invalid field
 */
export async function readSidecar(model: string): Promise<Sidecar> {
  const file = sidecarPath(model)
  let content: Uint8Array
  try {
    content = await readTextFile(file)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new UserError(
        `${basename(model)} has no ${basename(file)} beside it, with the preprocessing and the names of layers; portolan model init ${model} writes one`,
        { cause },
      )
    throw new UserError(`cannot read ${file}: ${fileReason(cause)}`, { cause })
  }
  return parseSidecar(decodeText(content, file), file)
}

/**
 * @param content the text of a sidecar
 * @param file    its name, for messages
 * @throws UserError, one sentence with file, field, value and way out
 */
export function parseSidecar(content: string, file: string): Sidecar {
  let json: unknown
  try {
    json = parseBounded(content.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new UserError(
      `cannot read ${file}: it is not JSON that can be used (${reason(cause)}); correct it or delete it and run portolan model init`,
      { cause },
    )
  }
  const parsed = Sidecar.safeParse(json)
  if (parsed.success) return parsed.data
  throw new UserError(`cannot use ${file}: ${sentence(parsed.error.issues[0]!, json)}`, { cause: parsed.error })
}

type Issue = z.core.$ZodIssue

/** The valid fields, for errors about an unknown one. */
const FIELDS: Readonly<Record<string, string>> = {
  '': Object.keys(Sidecar.shape)
    .filter(key => key !== '$schema' && key !== 'alternatives')
    .join(', '),
  input: Object.keys(Input.shape).join(', '),
}

/** `"input.channels" is "GBR", but must be "RGB" or "BGR"`. */
function sentence(issue: Issue, json: unknown): string {
  const field = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const key = [...issue.path, issue.keys[0]!].join('.')
    return `"${key}" is an unknown field; the fields are ${FIELDS[field] ?? FIELDS['']}`
  }
  if (issue.code === 'invalid_key')
    return `a layer in it is called ${shown(issue.path.at(-1))}, but names of layers have 1 to 200 characters, none of them control characters`
  if (!field) return `it is ${shown(json)}, but must be an object with the fields ${FIELDS['']}`
  const value = issue.path.reduce<unknown>(inside, json)
  if (issue.code === 'invalid_union' && field === 'input.size') {
    // A list is checked against the option that is a list.
    const [inner] = issue.errors[Array.isArray(value) ? issue.errors.length - 1 : 0]!
    if (inner) return sentence({ ...inner, path: [...issue.path, ...inner.path] }, json)
  }
  const requirement = expected(issue)
  return value === undefined
    ? `"${field}" is missing; it must be ${requirement}`
    : `"${field}" is ${shown(value)}, but must be ${requirement}`
}

const inside = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

const shown = (value: unknown): string => {
  const json = JSON.stringify(value)
  return json.length > 60 ? `${json.slice(0, 60)}…` : json
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  tuple: 'a list',
  array: 'a list',
  object: 'an object',
  record: 'an object of names and tensors',
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map(value => JSON.stringify(value)).join(' or ')
    case 'too_small':
      return issue.origin === 'string'
        ? 'a text that is not empty'
        : issue.origin === 'array'
          ? `a list of ${issue.minimum} or more`
          : `${issue.minimum} or more`
    case 'too_big':
      return issue.origin === 'array' ? `a list of ${issue.maximum}` : `at most ${issue.maximum}`
    default:
      return issue.message
  }
}
