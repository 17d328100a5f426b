interface Found {
  readonly text: string
  /** What the entry is about, such as its class; else its text. */
  readonly name?: string
  /** Other words that it is found by. */
  readonly also?: string | undefined
}

/** How well an entry matches: 0 not at all, 4 if its name begins with the text, 3 if a word of it does, 2 within, 1 by others. */
function rank({ text, name = text, also = '' }: Found, query: string): number {
  const [full, own] = [text.toLowerCase(), name.toLowerCase()]
  if (own.startsWith(query) || full.startsWith(query)) return 4
  if (own.split(/[\s·-]+/).some(word => word.startsWith(query))) return 3
  const words = query.split(/\s+/)
  if (words.every(word => full.includes(word))) return 2
  return words.every(word => full.includes(word) || also.includes(word)) ? 1 : 0
}

/** The entries that match a text, best first and otherwise in their order; all of them for an empty text. */
export function ranked<Entry extends Found>(entries: readonly Entry[], text: string): readonly Entry[] {
  const query = text.trim().toLowerCase()
  if (query === '') return entries
  const ranks = entries.map(entry => rank(entry, query))
  return [4, 3, 2, 1].flatMap(each => entries.filter((_, k) => ranks[k] === each))
}
