import { z } from 'zod'
import { ShownText } from './values.ts'

/** Author and licence of a photograph, from an ATTRIBUTION.csv in its folder; '' if missing. */
export const Credit = z
  .object({
    title: ShownText,
    author: ShownText,
    /** Where the photograph was published: an address, or words. */
    source: ShownText,
    /** Address or name of the licence. */
    license: ShownText,
    /** What was changed about the original. */
    changes: ShownText,
  })
  .readonly()
export type Credit = z.infer<typeof Credit>

/** The short name of a licence: `CC BY 2.0` for the address of that deed; other texts as they are. */
export function licenseName(license: string): string {
  const deed =
    /^https?:\/\/(?:www\.)?creativecommons\.org\/(?:licenses\/([a-z]+(?:-[a-z]+)*)|publicdomain\/(zero|mark))\/(\d\.\d)(?:\/|$)/.exec(
      license,
    )
  if (deed === null) return license
  const [, terms, publicDomain, version] = deed
  if (terms !== undefined) return `CC ${terms.toUpperCase()} ${version}`
  return publicDomain === 'zero' ? `CC0 ${version}` : `Public Domain Mark ${version}`
}

/** A credit in one line: title, author, licence, source and changes, whatever of them is known. */
export function creditLine({ title, author, source, license, changes }: Credit): string {
  const taken = author && (title ? `by ${author}` : `Photograph by ${author}`)
  const named = [title && `“${title}”`, taken].filter(Boolean).join(' ')
  return [named, licenseName(license), source.replace(/^https?:\/\/(?:www\.)?/, ''), changes].filter(Boolean).join(', ')
}
