import type { Preprocessing, Sidecar } from '../model/sidecar.ts'
import type { Trial, Trials } from './input-trial.ts'

/** A description with what photographs decided, and a sentence on that. */
interface Confirmed {
  readonly sidecar: Sidecar
  /** Fields that are no guesses any more. */
  readonly confirmed: readonly string[]
  readonly sentence: string
}

const FIELDS = {
  'input.channels': ({ preprocessing: { channels } }) => channels,
  'input.range': ({ preprocessing: { range } }) => range,
  'input.mean': ({ preprocessing: { mean } }) => mean,
  'input.std': ({ preprocessing: { std } }) => std,
  logits: ({ logits }) => logits,
} as const satisfies Record<string, (trial: Trial) => unknown>

/**
 * A description after trials on labelled photographs. Of what is not ruled out, the proposed one is taken if it is among
 * it, and else the likeliest. A field is confirmed where all that is not ruled out has the same value; another one keeps
 * its guess, with the values that are left as alternatives. Nothing changes where no trial recognises the photographs.
 */
export function confirm(proposed: Sidecar, { trials, recognises }: Trials): Confirmed {
  const { unconfirmed = [], alternatives = {} } = proposed
  const [best] = trials
  if (best === undefined) throw new Error('no trials')
  const seen = `${best.photographs} labelled ${best.photographs === 1 ? 'photograph' : 'photographs'}`
  if (!recognises)
    return {
      sidecar: proposed,
      confirmed: [],
      sentence: `The ${seen} decide nothing: whatever the input, they are recognised no better than by chance (at best ${share(best)}), so the guesses stay; check the labels and their order, whether the model is trained, or take more photographs.`,
    }
  const left = trials.filter(({ ruledOut }) => !ruledOut)
  const own = left.find(({ logits, preprocessing }) => logits === proposed.logits && preprocessing === proposed.input)
  const { logits, preprocessing } = own ?? best
  const valuesOf = (field: keyof typeof FIELDS): string[] => [
    ...new Set(left.map(trial => JSON.stringify(FIELDS[field](trial)))),
  ]
  const open = unconfirmed.filter(field => isTried(field) && valuesOf(field).length > 1)
  const confirmed = unconfirmed.filter(field => isTried(field) && !open.includes(field))
  const rest = unconfirmed.filter(field => !confirmed.includes(field))
  const chosen = { logits, preprocessing }
  const others = (field: keyof typeof FIELDS) =>
    valuesOf(field)
      .filter(value => value !== JSON.stringify(FIELDS[field]({ ...best, ...chosen })))
      .map(value => JSON.parse(value))
  return {
    sidecar: {
      ...proposed,
      ...{ input: preprocessing, logits, unconfirmed: rest },
      alternatives: Object.fromEntries(
        rest.flatMap(field => {
          const choices = isTried(field) ? others(field) : (alternatives[field] ?? [])
          return choices.length > 0 ? [[field, choices]] : []
        }),
      ),
    },
    confirmed,
    sentence:
      left.length === 1
        ? `Confirmed by ${seen}: ${inputText(preprocessing)}, logits "${logits}" (${share(best)} right); it is the likeliest by more than chance.`
        : `The ${seen} do not decide between ${listed(left.map(describe))}; ${own ? 'the guess stays' : 'the first is taken'} (${share(own ?? best)} right), and ${open.join(', ')} stay to be confirmed; more photographs may decide.`,
  }
}

const isTried = (field: string): field is keyof typeof FIELDS => field in FIELDS

const share = ({ top1, photographs }: Trial): string => `${Math.round(top1 * photographs)} of ${photographs}`

const describe = ({ logits, preprocessing }: Trial): string => `${inputText(preprocessing)}, logits "${logits}"`

/** `RGB, 0 to 1, minus 0.485, 0.456, 0.406, over 0.229, 0.224, 0.225`. */
export function inputText({ channels, range, mean, std }: Preprocessing): string {
  const minus = mean.some(each => each !== 0) ? [`minus ${mean.join(', ')}`] : []
  const over = std.some(each => each !== 1) ? [`over ${std.join(', ')}`] : []
  return [channels, range.join(' to '), ...minus, ...over].join(', ')
}

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join('; ')} and ${texts.at(-1)}`
