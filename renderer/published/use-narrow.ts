import { useSyncExternalStore } from 'react'

/** Below this width a page has room for one map, and panels lie over it. */
const NARROW = matchMedia('(max-width: 760px)')

const subscribe = (changed: () => void): (() => void) => {
  NARROW.addEventListener('change', changed)
  return () => NARROW.removeEventListener('change', changed)
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => NARROW.matches)
