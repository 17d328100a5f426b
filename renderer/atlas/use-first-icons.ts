import { useEffect, useState } from 'react'
import { useGraphics } from './graphics.ts'

/** How long anything waits for the first icons of a window, ms: there may be none yet. */
const PATIENCE = 3000

/** Whether the first icons of the window have been drawn, or have taken too long: what would put them off begins then. */
export function useFirstIcons(): boolean {
  const iconsDrawn = useGraphics(state => state.iconsDrawn)
  const [waited, setWaited] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [])
  return iconsDrawn || waited
}
