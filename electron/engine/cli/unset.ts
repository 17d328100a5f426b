import { type UnsetText, unsetSentence } from '../figures/lettering.ts'
import type { Session } from './command.ts'

/** Notes the texts of a picture in which letters are missing; the command's JSON names all of them. */
export function noteUnset(unset: readonly UnsetText[], { note }: Session): void {
  const sentence = unsetSentence(unset, ', which --json names')
  if (sentence !== undefined) note(sentence)
}
