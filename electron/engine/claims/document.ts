import { signed } from '../../contract/signed.ts'
import type { Claim, NetworkClaims } from './claim.ts'
import type { Protocol } from './protocol.ts'

/** Parts of a claim that a document lists; the JSON has all. */
const SHOWN = 10

/** The outcome of a protocol as a page of Markdown. @param command that made it */
export function claimsDocument(networks: readonly NetworkClaims[], protocol: Protocol, command: string): string {
  return `${[
    '# The claims of Activation Atlas, tested',
    '',
    'Made by the command at the end of this page; do not edit. What is tested, and how, is the same for every network:',
    '`electron/engine/claims/protocol.ts`. The claims are those of Carter et al.,',
    '[Activation Atlas](https://distill.pub/2019/activation-atlas/) (Distill 2019), about a network and photographs of their own;',
    'here they are tested on other networks with other photographs.',
    '',
    ...methodOf(protocol),
    ...networks.flatMap(sectionOf),
    '## How this page was made',
    '```sh',
    command,
    '```',
  ].join('\n')}\n`
}

const methodOf = ({ relevant, size, natural, spectrum }: Protocol): readonly string[] => [
  '## How to read it',
  '- **Holds**: the 95 % interval of the effect lies above 0. **Does not hold**: it lies below the smallest effect that would',
  '  matter. **Out of reach**: neither, or fewer than 8 photographs; then the page states how many photographs would confirm that',
  '  smallest effect with a probability of .8. *Power* is that probability with the photographs that there were.',
  `- Smallest effects that would matter: ${relevant.logOdds} in the target’s log-odds for patches; ${100 * relevant.flips} % of the photographs for`,
  `  predictions that become the target; ${relevant.deviations} standard deviations over all samples for attributions.`,
  `- **Patches** have one size, ${size} of the edge, and one place, the lower right corner: nothing is chosen by what a patch does, so`,
  `  that all photographs count. Controls are at the same photograph, size and place: ${natural} regions of unrelated photographs, ${spectrum}`,
  '  of noise with the patch’s spectrum, its mean colour, and its surroundings filled in. The effect is that above the control which',
  '  comes nearest; of all patches together, photograph by photograph. It holds if the intervals above all controls do. It',
  '  generalises to photographs, not to other patches.',
  '- **Photographs of the source** are those that are labelled and predicted as it, where there are at least 8; otherwise all that',
  '  have it among the network’s five strongest classes, or else its ten, whatever they show: “what the network takes for a grey',
  '  whale”.',
  '- **Support**: the samples with the strongest attribution to one class, and how much attribution they have to another, above the',
  '  median of the same for all other classes. They are selected by the one class and measured by the other.',
  '- **Parts**: groups of activations (spherical k-means) found on one half of the photographs among the samples that matter to a',
  '  class, and tested on all samples of the other half, with intervals that hold for all groups at once. At least two have to hold.',
  '- **Comparisons and class atlases** are those of the window, with its intervals; class atlases have so many cells that each has 16',
  '  photographs on average. A claim holds if any cell is significant.',
  '- Each claim has its own interval: of twenty that are false, one may hold by chance.',
  '',
]

function sectionOf({ name, photographs, samples, layers, claims, left }: NetworkClaims): readonly string[] {
  return [
    `## ${name}`,
    samples === 0
      ? `${count(photographs)} photographs. Only claims about patches were tested.`
      : `${count(photographs)} photographs, ${count(samples)} samples; early layer ${layers.early}, middle ${layers.middle}, late ${layers.late}.`,
    '',
    '| claim | effect | photographs | power | verdict |',
    '|---|---|---|---|---|',
    ...claims.map(
      claim =>
        `| ${escaped(claim.statement)} | ${claim.effect === null ? '–' : interval(claim.effect, claim)} | ${count(claim.photographs)} | ${claim.power.toFixed(2)} | ${verdictOf(claim)} |`,
    ),
    '',
    ...left.map(({ statement, missing }) => `Not tested, because the network has no class ${missing}: ${statement}\n`),
    ...claims.flatMap(detailOf),
  ]
}

const verdictOf = ({ verdict, photographs, needed }: Claim): string =>
  verdict !== 'out of reach'
    ? `**${verdict}**`
    : `**out of reach** with ${count(photographs)} ${photographs === 1 ? 'photograph' : 'photographs'}${needed === null ? '' : `; about ${count(rounded(needed.photographs))} ${escaped(needed.of)} would do`}`

function detailOf(claim: Claim): readonly string[] {
  const { id, layer, outcome, found, controls, parts } = claim
  const rest = parts.length - SHOWN
  return [
    `### ${id[0]!.toUpperCase()}${id.slice(1)}`,
    `${escaped(claim.statement)} Verdict: ${verdictOf(claim)}.`,
    '',
    `- Measured: ${escaped(outcome)}${layer === null ? '' : `, at ${layer}`}.`,
    `- Photographs: ${escaped(found)}.`,
    ...controls.map(({ name, difference }) => `- Above ${escaped(name)}: ${interval(difference, claim)}.`),
    ...(parts.length > 0
      ? [
          '',
          '| part | effect | photographs | |',
          '|---|---|---|---|',
          ...parts
            .slice(0, SHOWN)
            .map(
              part =>
                `| ${escaped(part.name) || '–'} | ${part.effect === null ? 'too few photographs' : interval(part.effect, claim)} | ${count(part.photographs)} | ${[part.holds ? '**holds**' : '', escaped(part.note ?? '')].filter(Boolean).join('; ')} |`,
            ),
        ]
      : []),
    ...(rest > 0 ? ['', `And ${rest} more, in the JSON.`] : []),
    '',
  ]
}

const interval = (
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  { kind }: Pick<Claim, 'kind'>,
): string => {
  const text = (x: number): string =>
    kind === 'flips' ? `${x < 0 ? '−' : ''}${Math.abs(100 * x).toFixed(0)} %` : signed(x)
  return Number.isFinite(low) ? `${text(value)} [${text(low)}, ${text(high)}]` : text(value)
}

const count = (n: number): string => n.toLocaleString('en-US')
/** To two digits: a plan is no more precise than its spread. */
const rounded = (n: number): number => Number(n.toPrecision(2))
/** Names come from files. */
const escaped = (text: string): string => text.replaceAll(/([\\`*_{}[\]<>|#])/g, '\\$1').replaceAll(/\s+/g, ' ')
