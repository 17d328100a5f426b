import { create } from 'zustand'
import { changeSettings } from '../state/settings.ts'
import { STEPS } from './steps.ts'

/** The step of the tour that is shown, from 0; null: none. */
export const useTour = create<{ readonly step: number | null }>(() => ({ step: null }))

export const startTour = (): void => useTour.setState({ step: 0 })

/** Goes to another step; past the last one the tour has been seen. */
export function goToStep(step: number): void {
  if (step >= STEPS) endTour()
  else useTour.setState({ step: Math.max(0, step) })
}

/** Closes the tour. It does not open by itself again. */
export function endTour(): void {
  useTour.setState({ step: null })
  changeSettings({ tourSeen: true })
}
