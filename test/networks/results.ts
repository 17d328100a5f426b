import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { table } from '../fixtures/markdown.ts'

/** What came of one export: differences from torch as shares of the largest number, or the sentence of the refusal. */
const Outcome = z.union([
  z.object({
    logits: z.number(),
    /** Of one logit by the image. */
    gradient: z.number(),
    /** The largest of all layers that torch has by the same name; null: there is none. */
    attribution: z.number().nullable(),
    /** How far single precision moves these attributions, and that gradient, in torch itself. */
    rounding: z.number(),
    /** That are proposed. */
    layers: z.int(),
    /** Of these, how many have name and values of one of torch's modules. */
    named: z.int(),
  }),
  z.object({ refused: z.string() }),
])
export type Outcome = z.infer<typeof Outcome>

const Results = z.object({
  /** Of torch, torchvision and timm. */
  versions: z.string(),
  networks: z.record(z.string(), z.object({ parameters: z.int(), exports: z.record(z.string(), Outcome) })),
})
export type Results = z.infer<typeof Results>

export const RESULTS_FILE = new URL('./results.json', import.meta.url)

/** The results of the last run of `npm run networks`. */
export const readResults = (): Results => Results.parse(JSON.parse(readFileSync(RESULTS_FILE, 'utf8')))

export const EXPORTERS = { legacy: 'by TorchScript', dynamo: 'by torch.export' } as const

export const PAGE = new URL('../../docs/networks.md', import.meta.url)

const HEAD = ['network', 'weights', 'exported', 'logits', 'gradient', 'attribution', 'rounding', 'layers']

/** All that `export.py` knows. */
export const NETWORKS: readonly string[] = z
  .array(z.looseObject({ name: z.string() }))
  .parse(JSON.parse(readFileSync(new URL('./list.json', import.meta.url), 'utf8')))
  .map(({ name }) => name)

/** What docs/networks.md prints between its marks. */
export function printed(results: Results): string {
  const untried = NETWORKS.filter(name => !(name in results.networks)).map(named)
  const rest = untried.length === 0 ? '' : `\n\nNot tried yet: ${untried.join(', ')}.`
  return `${results.versions}:\n\n${table(HEAD, resultRows(results))}${rest}`
}

const named = (name: string): string => `\`${name.replace(/^tv\//, 'torchvision ')}\``

const resultRows = ({ networks }: Results): readonly (readonly string[])[] =>
  Object.entries(networks).flatMap(([name, { parameters, exports }]) =>
    Object.entries(exports).map(([exporter, outcome]) => [
      named(name),
      `${(parameters / 1e6).toFixed(1)} M`,
      EXPORTERS[exporter as keyof typeof EXPORTERS],
      ...('refused' in outcome
        ? [`refused: ${outcome.refused.replaceAll('|', '\\|')}`, '', '', '', '']
        : [
            outcome.logits.toExponential(0),
            outcome.gradient.toExponential(0),
            outcome.attribution === null ? '–' : outcome.attribution.toExponential(0),
            outcome.rounding.toExponential(0),
            `${outcome.named} of ${outcome.layers}`,
          ]),
    ]),
  )
