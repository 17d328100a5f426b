import { create } from 'zustand'
import type { Box } from '../../electron/contract/values.ts'

/** A photograph that is shown large, and where in it a unit lies, if it was opened from a sample. */
interface Opened {
  readonly image: number
  readonly unit: { readonly u: number; readonly v: number; readonly box: Box } | null
}

export const useOpenedPhotograph = create<{ readonly opened: Opened | null }>(() => ({ opened: null }))

export function openPhotograph(image: number, unit: Opened['unit'] = null): void {
  useOpenedPhotograph.setState({ opened: { image, unit } })
}

export function closePhotograph(): void {
  useOpenedPhotograph.setState({ opened: null })
}
