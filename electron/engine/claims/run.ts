import { z } from 'zod'
import { AtlasParams } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { drawSamples, existingSamples, type SampleOrder } from '../atlas/samples.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import type { Missed } from '../patch/experiment/run.ts'
import { enterPhotographs, type Photographs } from '../photographs/enter.ts'
import { enterModel } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { listFolders } from '../store/photographs.ts'
import type { Writable } from '../store/sql.ts'
import type { Claim, NetworkClaims } from './claim.ts'
import { type LayerSamples, samplesOfLayer } from './layer.ts'
import { classAtlasClaim, comparisonClaim } from './map-claims.ts'
import { partsClaim } from './parts-claim.ts'
import { patchClaims } from './patch-claim.ts'
import { picturesIn } from './photographs.ts'
import { kinds, type Protocol, type ProtocolClaim, type Role, roles } from './protocol.ts'
import { sharedClaim } from './shared-claim.ts'

export const CLAIMS = 'claims'

/** What a run of the claims on one network is run again from: absolute paths, and what decides its outcome. */
export const ClaimsJob = z.object({
  model: z.string(),
  classifier: z.string().optional(),
  folders: z.array(z.string()).min(1),
  /** Folder of patches; null: they are cut from the photographs. */
  patches: z.string().nullable(),
  layers: z.object({ early: z.string(), middle: z.string(), late: z.string() }),
  positionsPerImage: AtlasParams.shape.positionsPerImage,
  /** The kinds of claims to test; all by default. */
  kinds: z.array(z.enum(kinds)).min(1).optional(),
})
export type ClaimsJob = z.infer<typeof ClaimsJob>

/**
 * Tests the claims of a protocol on one network: samples its layers, and runs the comparisons, class atlases and experiments
 * that each claim needs. Stored results are reused. The body of a job.
 * @throws UserError when the network has the classes of no claim, or no photograph can be read
 */
export async function runClaims(
  db: Writable,
  order: ClaimsJob,
  protocol: Protocol,
  { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime },
  job: JobContext,
): Promise<NetworkClaims> {
  const bySynset = new Map(classifier.labels.map(({ synset, index }) => [synset, index]))
  const missing = (claim: ProtocolClaim): string | undefined => synsetsOf(claim).find(synset => !bySynset.has(synset))
  const requested = protocol.claims.filter(claim => order.kinds?.includes(claim.kind) ?? true)
  const able = requested.filter(claim => missing(claim) === undefined)
  if (able.length === 0)
    throw new UserError(
      `${classifier.name} has the classes of none of the claims, such as ${missing(requested[0]!)}: the claims are about ImageNet's classes; give the labels of the network their synsets`,
    )
  const files = order.patches === null ? [] : await picturesIn(order.patches)
  enterModel(db, classifier)
  const photographs = await job.stage({
    name: 'photographs',
    existing: () => undefined,
    compute: work => enterPhotographs(db, order.folders, work),
  })
  if (photographs.sources.length === 0)
    throw new UserError(
      `no readable photograph in ${order.folders.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
    )
  const unreadable: Missed[] = [...photographs.unreadable]
  const indexOf = (synset: string): number => bySynset.get(synset)!
  const folders = listFolders(db).flatMap(({ id, path }) => (path !== null && order.folders.includes(path) ? [id] : []))
  const ofLayers = able.filter(claim => claim.kind !== 'patch')
  const about = { db, order, protocol, classifier, runtime, photographs, indexOf }
  const { results, samples, missed } = await layerClaims(about, ofLayers, job)
  unreadable.push(...missed)
  for (const claim of able) {
    if (claim.kind !== 'patch') continue
    const tried = await patchClaims({ db, classifier, runtime, job, folders, files }, claim, indexOf, protocol)
    unreadable.push(...tried.unreadable)
    results.set(claim, tried.claims)
  }
  return {
    model: classifier.hash,
    name: classifier.name,
    photographs: photographs.sources.length,
    samples,
    layers: order.layers,
    claims: able.flatMap(claim => results.get(claim)!),
    left: requested.flatMap(claim => {
      const synset = missing(claim)
      return synset === undefined ? [] : [{ statement: claim.statement, missing: synset }]
    }),
    unreadable: [...new Map(unreadable.map(each => [each.file, { file: each.file, reason: each.reason }])).values()],
  }
}

type LayerClaim = Exclude<ProtocolClaim, { kind: 'patch' }>

interface AboutLayers {
  readonly db: Writable
  readonly order: ClaimsJob
  readonly protocol: Protocol
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly photographs: Photographs
  readonly indexOf: (synset: string) => number
}

/** Tests the claims about layers, for which their samples are drawn; without such claims, none. */
async function layerClaims(
  { db, order, protocol, classifier, runtime, photographs, indexOf }: AboutLayers,
  claims: readonly LayerClaim[],
  job: JobContext,
): Promise<{ results: Map<ProtocolClaim, readonly Claim[]>; samples: number; missed: readonly Missed[] }> {
  const results = new Map<ProtocolClaim, readonly Claim[]>()
  const needed = roles.filter(role => claims.some(claim => claim.layer === role))
  if (needed.length === 0) return { results, samples: 0, missed: [] }
  const layers = [...new Set(needed.map(role => order.layers[role]))].map(name => findLayer(classifier, name))
  const params = { seed: protocol.seed, positionsPerImage: order.positionsPerImage, attribution: 'exact' } as const
  const sampling: SampleOrder = { classifier, runtime, photographs, layers, params }
  const { set, missed } = await job.stage({
    name: 'samples',
    existing: () => existingSamples(db, sampling),
    compute: work => drawSamples(db, sampling, work),
  })
  // Layer by layer, since the attributions of all samples to all classes are in memory.
  for (const role of needed) {
    const at = findLayer(classifier, order.layers[role])
    const layer = await samplesOfLayer({ db, set: set.id, classifier, runtime, layer: at, attribution: 'exact' })
    for (const claim of claims)
      if (claim.layer === role) results.set(claim, [await ofLayer({ db, set, job }, layer, claim, indexOf, protocol)])
  }
  return { results, samples: set.n, missed }
}

async function ofLayer(
  place: Parameters<typeof comparisonClaim>[0],
  layer: LayerSamples,
  claim: LayerClaim,
  indexOf: (synset: string) => number,
  protocol: Protocol,
): Promise<Claim> {
  switch (claim.kind) {
    case 'shared':
      return sharedClaim(layer, claim, indexOf, protocol)
    case 'parts':
      return partsClaim(layer, claim, indexOf, protocol)
    case 'comparison':
      return comparisonClaim(place, layer, claim, indexOf, protocol)
    case 'class atlas':
      return classAtlasClaim(place, layer, claim, indexOf, protocol)
  }
}

const synsetsOf = (claim: ProtocolClaim): readonly string[] => {
  switch (claim.kind) {
    case 'patch':
      return [claim.source, claim.target, claim.shows]
    case 'shared':
      return [
        claim.supports,
        ...(claim.rather === undefined ? [] : [claim.rather]),
        ...claim.parts.map(part => part.class),
      ]
    case 'comparison':
      return [claim.left, claim.right]
    default:
      return [claim.class]
  }
}

/** The article's layers, where the network has them. @throws UserError when it has not */
export function usualLayers({ layers, name }: Classifier): Readonly<Record<Role, string>> {
  const usual = { early: 'mixed3b', middle: 'mixed4d', late: 'mixed5b' }
  const absent = Object.values(usual).find(layer => !layers.some(own => own.name === layer))
  if (absent === undefined) return usual
  throw new UserError(
    `${name} has no layer ${absent}: name three layers, an early, a middle and a late one, with --layers (it has ${layers.map(own => own.name).join(', ')})`,
    { exitCode: 2 },
  )
}
