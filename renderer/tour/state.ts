import { create } from 'zustand'
import { changeSettings } from '../state/settings.ts'
import { STEPS } from './steps.ts'

/** The current step of the tour, from 0; null: the tour is closed. */
export const useTour = create<{ readonly step: number | null }>(() => ({ step: null }))

export function startTour(): void {
  useTour.setState({ step: 0 })
}

/** Goes to another step; past the last one the tour ends. */
export function goToStep(step: number): void {
  if (step >= STEPS) endTour()
  else useTour.setState({ step: Math.max(0, step) })
}

/** Closes the tour, which does not open automatically again. */
export function endTour(): void {
  useTour.setState({ step: null })
  changeSettings({ tourSeen: true })
}
