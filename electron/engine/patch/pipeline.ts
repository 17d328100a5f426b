import { inputSize } from '../model/sidecar.ts'
import type { FrameClassifier } from './classify.ts'
import type { Ground, Placed, Stamps } from './compose.ts'
import { paint } from './paint.ts'

/** One composition to classify: a ground with at most one patch on it, and what the caller knows it by. */
export interface Composing<T> {
  readonly tag: T
  readonly ground: Ground
  /** None: the photograph alone. */
  readonly placed?: Placed
}

export interface Classified<T> {
  readonly tags: readonly T[]
  /** [tags, classes] */
  readonly logits: Float32Array
}

export interface PipelineOptions {
  /** Compositions in one run of the network. */
  readonly batch: number
  readonly stamps: Stamps
  readonly signal?: AbortSignal | undefined
}

/** As many runs as the runtime takes at once: one computes while the next waits for its turn. */
const UNDER_WAY = 2

/**
 * Classifies compositions in their order. While the network runs, the next batch is composed straight into its buffer:
 * a copy of the photograph and one of the patch.
 * @throws the signal's reason when it is aborted
 */
export async function* classifiedCompositions<T>(
  net: FrameClassifier,
  compositions: AsyncIterable<Composing<T>> | Iterable<Composing<T>>,
  { batch, stamps, signal }: PipelineOptions,
): AsyncGenerator<Classified<T>> {
  const { height, width } = inputSize(net.classifier.preprocessing)
  const frame = height * width * 3
  const runningJob: { readonly tags: readonly T[]; readonly logits: Promise<Float32Array> }[] = []
  const taken = async (): Promise<Classified<T>> => {
    const { tags, logits } = runningJob.shift()!
    return { tags, logits: await logits }
  }
  let buffer = new Uint8Array(batch * frame)
  let tags: T[] = []
  const send = (): void => {
    const logits = net.logits(buffer.subarray(0, tags.length * frame))
    // A run that fails is seen when its turn comes; until then it must not end the process.
    logits.catch(() => {})
    runningJob.push({ tags, logits })
    buffer = new Uint8Array(batch * frame)
    tags = []
  }
  try {
    for await (const { tag, ground, placed } of compositions) {
      signal?.throwIfAborted()
      const rgb = buffer.subarray(tags.length * frame, (tags.length + 1) * frame)
      rgb.set(ground.rgb)
      const stamp = placed && stamps.of(placed, ground)
      if (placed && stamp) paint({ rgb, width, height }, stamp, placed.placement)
      tags.push(tag)
      if (tags.length < batch) continue
      send()
      if (runningJob.length >= UNDER_WAY) yield await taken()
    }
    if (tags.length > 0) send()
    while (runningJob.length > 0) yield await taken()
  } finally {
    await Promise.allSettled(runningJob.map(({ logits }) => logits))
  }
}
