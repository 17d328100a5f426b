/** Whether the platform's command key is ⌘ rather than Ctrl. */
function onMac(): boolean {
  return /mac/i.test(navigator.platform)
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** A + at the end is a key itself. */
const partsOf = (keys: string): readonly string[] => keys.split(/\+(?=.)/)

/** @param keys such as `Mod+Shift+C`, `F1` or `0`; `Mod` is Ctrl, or ⌘ on a Mac */
export function matches(event: Pressed, keys: string): boolean {
  const parts = partsOf(keys)
  const key = parts.at(-1)!
  const mod = parts.includes('Mod')
  if (event.altKey || (event.ctrlKey || event.metaKey) !== mod) return false
  // A sign such as + needs Shift on some keyboards only; for letters, digits and named keys Shift must match.
  if (/^\w+$/.test(key) && event.shiftKey !== parts.includes('Shift')) return false
  return event.key.toLowerCase() === key.toLowerCase()
}

/** `Mod+Shift+C` in the platform's notation: `Ctrl Shift C`, `⇧⌘C`. */
export function keysText(keys: string, mac = onMac()): string {
  const parts = partsOf(keys)
  if (!mac) return parts.map(p => (p === 'Mod' ? 'Ctrl' : p)).join(' ')
  const signs: Readonly<Record<string, string>> = { Shift: '⇧', Mod: '⌘' }
  return [...parts.slice(0, -1)]
    .sort((a, b) => (a === 'Mod' ? 1 : 0) - (b === 'Mod' ? 1 : 0))
    .map(p => signs[p] ?? p)
    .concat(parts.at(-1)!)
    .join('')
}
