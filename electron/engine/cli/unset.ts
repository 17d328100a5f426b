import { type UnsetText, unsetSentence } from '../figures/lettering.ts'
import type { Session } from './command.ts'

/** Notes the texts of a picture in which letters are missing; the command's JSON lists all of them. */
export function noteUnset(unset: readonly UnsetText[], { note }: Session): void {
  const sentence = unsetSentence(unset, ', listed by --json')
  if (sentence !== undefined) note(sentence)
}
