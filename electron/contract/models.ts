import { z } from 'zod'
import { call } from './call.ts'
import { Rate } from './experiment-result.ts'
import { JobId } from './jobs.ts'
import { ModelInfo } from './project.ts'
import { ClassIndex, ClassValue, FilePath, ImageId, LayerName, ModelHash, ShownText } from './values.ts'

/** How well a model predicts the labels of the project's photographs. */
export const Accuracy = z
  .object({
    /** Photographs whose folder or name is that of a class of the model. */
    labelled: z.int().min(0),
    /** Of these, those with a prediction. */
    known: z.int().min(0),
    /** Classes of these. */
    classes: z.int().min(0),
    top1: Rate,
    top5: Rate,
    /** Labels that were predicted as another class, the most frequent first; `of`: photographs with that label. */
    confused: z
      .array(
        z
          .object({ actual: ClassIndex, predicted: ClassIndex, photographs: z.int().min(1), of: z.int().min(1) })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
export type Accuracy = z.infer<typeof Accuracy>

const number = z.number().min(-1e6).max(1e6)
const triple = z.tuple([number, number, number]).readonly()
const edge = z.int().min(8).max(4096)
const tensor = z.string().min(1).max(500)

/** How a model takes an image and what it gives out: the fields of its sidecar file, see docs/formats.md. */
export const ModelDescription = z
  .object({
    name: z.string().min(1).max(200),
    /** Height and width of the input, pixels. */
    size: z.tuple([edge, edge]).readonly(),
    channels: z.enum(['RGB', 'BGR']),
    /** Values of black and white before mean and standard deviation. */
    range: z.tuple([number, number]).readonly(),
    mean: triple,
    std: triple,
    resize: z.enum(['stretch', 'crop']),
    logits: tensor,
    probabilities: z.enum(['softmax', 'sigmoid']),
    /** Classes in the order of the outputs, a line each, as in a label file; null: numbered. */
    labels: z.array(z.string().min(1).max(2000)).min(1).max(65_536).readonly().nullable(),
    layers: z
      .array(z.object({ name: LayerName, tensor }).readonly())
      .max(500)
      .readonly(),
    license: z.string().min(1).max(500),
    source: z.string().min(1).max(500),
  })
  .readonly()
export type ModelDescription = z.infer<typeof ModelDescription>

/** What is read from a model's graph, and guessed where it does not say. */
export const ProposedDescription = z
  .object({
    description: ModelDescription,
    classes: z.int().min(1),
    /** Fields that are guesses, such as `input.mean`. */
    unconfirmed: z.array(ShownText).readonly(),
    /** Other tensors that may be the logits. */
    logits: z.array(ShownText).readonly(),
  })
  .readonly()
export type ProposedDescription = z.infer<typeof ProposedDescription>

const described = z.object({ file: FilePath, description: ModelDescription }).readonly()

export const modelCalls = {
  'models.list': call(z.object({}).readonly(), z.array(ModelInfo).readonly()),
  'models.add': call(z.object({ file: FilePath }).readonly(), ModelInfo, given => [given.file]),
  /** The network that comes with Portolan. */
  'models.addEmbedded': call(z.object({}).readonly(), ModelInfo),
  /** Null where a sidecar lies beside the model: it is added as it is. */
  'models.propose': call(z.object({ file: FilePath }).readonly(), ProposedDescription.nullable(), given => [
    given.file,
  ]),
  /** The lines of a label file. */
  'models.readLabels': call(
    z.object({ file: FilePath }).readonly(),
    z.object({ labels: z.array(z.string()).readonly() }).readonly(),
    given => [given.file],
  ),
  /** What a model predicts with a description that is not saved yet. */
  'models.test': call(
    z.object({ ...described.unwrap().shape, images: z.array(ImageId).min(1).max(8).readonly() }).readonly(),
    z
      .array(
        z
          .object({
            image: ImageId,
            /** The class that its folder or name gives. */
            label: ShownText.nullable(),
            top: z.array(z.object({ ...ClassValue.unwrap().shape, name: ShownText }).readonly()).readonly(),
          })
          .readonly(),
      )
      .readonly(),
    given => [given.file],
  ),
  /** Writes the sidecar beside the model, and adds the model. Refused where there is a sidecar. */
  'models.describe': call(described, ModelInfo, given => [given.file]),
  'models.accuracy': call(z.object({ model: ModelHash }).readonly(), Accuracy),
  /** Classifies the labelled photographs that have no prediction yet. */
  'models.evaluate': call(z.object({ model: ModelHash }).readonly(), z.object({ job: JobId }).readonly()),
} as const
