import type { Sidecar } from '../model/sidecar.ts'

/** `input.channels (or "BGR"), logits (or "aux_logits")`: what `model init` guessed, and what else it could be. */
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
