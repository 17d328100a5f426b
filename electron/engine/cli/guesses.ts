import type { Sidecar } from '../model/sidecar.ts'

/** `input.channels (or "BGR"), logits (or "aux_logits")`: the fields that `model init` guessed, with alternatives. */
export const guessText = ({
  unconfirmed = [],
  alternatives = {},
}: Pick<Sidecar, 'unconfirmed' | 'alternatives'>): string =>
  unconfirmed
    .map(field => {
      const others = (alternatives[field] ?? []).map(value => JSON.stringify(value))
      return others.length ? `${field} (or ${others.join(', or ')})` : field
    })
    .join(', ')
