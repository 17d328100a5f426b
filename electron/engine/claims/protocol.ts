/**
 * The claims of Activation Atlas (Carter et al., Distill 2019) that are tested, as data: what is compared with what is fixed
 * here, before any effect is seen. Classes are synsets of ImageNet.
 */

/** A layer by its role: the article's mixed3b, mixed4d and mixed5b. */
export type Role = 'early' | 'middle' | 'late'
export const roles: readonly Role[] = ['early', 'middle', 'late']

/** A patch on photographs of one class makes the network see another. */
export interface PatchClaim {
  readonly kind: 'patch'
  readonly id: string
  readonly statement: string
  /** Start of the names of the patches' files, or of their folder. */
  readonly patches: string
  /** The class that patches are cut from where none are given. */
  readonly shows: string
  readonly source: string
  readonly target: string
}

/** What supports some classes also supports another one, more than what supports any class does. */
export interface SharedClaim {
  readonly kind: 'shared'
  readonly id: string
  readonly statement: string
  readonly layer: Role
  readonly parts: readonly { readonly name: string; readonly class: string }[]
  readonly supports: string
  /** The class that it is compared with; absent: the attribution to `supports` alone counts. */
  readonly rather?: string
}

/** A class atlas has parts that other photographs have too. */
export interface PartsClaim {
  readonly kind: 'parts'
  readonly id: string
  readonly statement: string
  readonly layer: Role
  readonly class: string
}

/** A comparison has cells that separate two classes. */
export interface ComparisonClaim {
  readonly kind: 'comparison'
  readonly id: string
  readonly statement: string
  readonly layer: Role
  readonly left: string
  readonly right: string
}

/** The cells of a class atlas differ in their attribution to the class. */
export interface ClassAtlasClaim {
  readonly kind: 'class atlas'
  readonly id: string
  readonly statement: string
  readonly layer: Role
  readonly class: string
}

export type ProtocolClaim = PatchClaim | SharedClaim | PartsClaim | ComparisonClaim | ClassAtlasClaim

/** Claims about patches need no samples; all others are about layers. */
export const kinds = [
  'patch',
  'shared',
  'parts',
  'comparison',
  'class atlas',
] as const satisfies readonly ProtocolClaim['kind'][]

export interface Protocol {
  readonly claims: readonly ProtocolClaim[]
  /** The one size and position of all patches: nothing is chosen by what a patch does. */
  readonly size: number
  readonly place: { readonly x: number; readonly y: number }
  /** Regions of unrelated photographs, and patches of noise, for each patch. */
  readonly natural: number
  readonly spectrum: number
  readonly seed: number
  /** The smallest effects that would matter. */
  readonly relevant: {
    /** Of a patch, in log-odds of the target: 1 multiplies its odds by 2.7. */
    readonly logOdds: number
    /** Of a patch, in the share of photographs whose prediction becomes the target. */
    readonly flips: number
    /** Of attributions, in their standard deviations over all samples: Cohen's small effect. */
    readonly deviations: number
  }
}

const shark = 'n01484850'
const whale = 'n02066245'
const baseball = 'n02799071'
const snorkel = 'n04251144'
const diver = 'n10565667'
const locomotive = 'n04310018'
const pan = 'n03400231'
const wok = 'n04596742'
const carbonara = 'n07831146'
const fireboat = 'n03344393'
const crane = 'n03126707'
const lakeside = 'n09332890'
const lifeboat = 'n03662601'
const streetcar = 'n04335435'

const claims: readonly ProtocolClaim[] = [
  {
    kind: 'parts',
    id: 'fireboat late',
    statement: 'Fireboat is made of distinct parts at the last layer.',
    layer: 'late',
    class: fireboat,
  },
  {
    kind: 'shared',
    id: 'fireboat late ingredients',
    statement: 'At the last layer what supports boats, cranes and water supports fireboat.',
    layer: 'late',
    parts: [
      { name: 'boats', class: lifeboat },
      { name: 'cranes', class: crane },
      { name: 'water', class: lakeside },
    ],
    supports: fireboat,
  },
  {
    kind: 'parts',
    id: 'fireboat middle',
    statement: 'Fireboat is made of distinct parts in the middle of the network.',
    layer: 'middle',
    class: fireboat,
  },
  {
    kind: 'shared',
    id: 'fireboat middle ingredients',
    statement:
      'Windows, crane and water make fireboat in the middle of the network; the windows are those of streetcars.',
    layer: 'middle',
    parts: [
      { name: 'windows of streetcars', class: streetcar },
      { name: 'cranes', class: crane },
      { name: 'water', class: lakeside },
    ],
    supports: fireboat,
  },
  {
    kind: 'comparison',
    id: 'snorkel and scuba diver',
    statement: 'A comparison shows what separates snorkel from scuba diver.',
    layer: 'middle',
    left: snorkel,
    right: diver,
  },
  {
    kind: 'shared',
    id: 'locomotive and diver',
    statement: 'What supports steam locomotive supports scuba diver rather than snorkel: air tanks.',
    layer: 'middle',
    parts: [{ name: 'steam locomotives', class: locomotive }],
    supports: diver,
    rather: snorkel,
  },
  {
    kind: 'patch',
    id: 'locomotive patch',
    statement: 'A steam locomotive makes a snorkel a scuba diver.',
    patches: 'train',
    shows: locomotive,
    source: snorkel,
    target: diver,
  },
  {
    kind: 'comparison',
    id: 'whale and shark',
    statement: 'A comparison shows what separates grey whale from great white shark.',
    layer: 'late',
    left: whale,
    right: shark,
  },
  {
    kind: 'shared',
    id: 'baseball and shark',
    statement: 'What supports baseball supports great white shark rather than grey whale: red stitching and teeth.',
    layer: 'late',
    parts: [{ name: 'baseballs', class: baseball }],
    supports: shark,
    rather: whale,
  },
  {
    kind: 'patch',
    id: 'baseball patch',
    statement: 'A baseball makes a grey whale a great white shark.',
    patches: 'baseball',
    shows: baseball,
    source: whale,
    target: shark,
  },
  {
    kind: 'comparison',
    id: 'frying pan and wok',
    statement: 'A comparison shows what separates frying pan from wok.',
    layer: 'middle',
    left: pan,
    right: wok,
  },
  {
    kind: 'shared',
    id: 'noodles and wok',
    statement: 'What supports carbonara supports wok rather than frying pan: noodles.',
    layer: 'middle',
    parts: [{ name: 'noodles', class: carbonara }],
    supports: wok,
    rather: pan,
  },
  {
    kind: 'patch',
    id: 'noodles patch',
    statement: 'Noodles make a frying pan a wok.',
    patches: 'noodles',
    shows: carbonara,
    source: pan,
    target: wok,
  },
  ...[
    { name: 'fireboat', class: fireboat },
    { name: 'snorkel', class: snorkel },
    { name: 'great white shark', class: shark },
  ].map(
    ({ name, class: index }): ClassAtlasClaim => ({
      kind: 'class atlas',
      id: `${name} early`,
      statement: `In an early layer some cells of the class atlas of ${name} support it more than others.`,
      layer: 'early',
      class: index,
    }),
  ),
]

/**
 * The protocol for networks with ImageNet's classes. Size and place are in the range of the article's static patches, which
 * it does not name; its baseball acts at a quarter of the edge, its train at a third.
 */
export const IMAGENET: Protocol = {
  claims,
  size: 0.3,
  place: { x: 1, y: 1 },
  natural: 2,
  spectrum: 1,
  seed: 0,
  relevant: { logOdds: 1, flips: 0.1, deviations: 0.2 },
}
