import { create } from 'zustand'

/** What single samples are coloured by. */
export type SampleColour = 'class' | 'verdict' | 'confidence'

/** Single samples as points over the maps of all panes; not saved. */
export const useSamples = create<{
  readonly open: boolean
  /** A part of the path of a photograph, or of the name of its class; empty: all. */
  readonly text: string
  readonly colour: SampleColour
}>(() => ({ open: false, text: '', colour: 'class' }))

export function toggleSamples(): void {
  useSamples.setState(({ open }) => ({ open: !open }))
}
