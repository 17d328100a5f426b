/** The beginning that all names share. */
function commonStart(names: readonly string[]): string {
  const [first = '', ...rest] = names
  let length = first.length
  for (const name of rest) while (!name.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}
const reversed = (text: string): string => [...text].reverse().join('')

/**
 * Names of layers without what all of them share, for tabs: "mixed3b", "mixed4c" → "3b", "4c"; "inception_4c/output" → "4c". A
 * number is not cut within; all names stay whole where nothing would be left of one.
 */
export function shortNames(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names
  const start = commonStart(names).replace(/[\d.]+$/, '')
  const cut = names.map(name => name.slice(start.length))
  const end = reversed(commonStart(cut.map(reversed))).match(/\W.*$/)?.[0] ?? ''
  const short = cut.map(name => name.slice(0, name.length - end.length))
  return short.every(name => name !== '') ? short : names
}
