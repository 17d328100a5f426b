import { beforeEach, describe, expect, it } from 'vitest'
import type { Measured, Tour } from '../../../electron/contract/tour.ts'
import { STEPS, stepOf } from '../../../renderer/tour/steps.ts'

const tour: Tour = {
  model: '0'.repeat(64),
  layer: 'mixed4c',
  source: 1,
  target: 2,
  image: 7,
  patch: 3,
  x: 0.5,
  y: 0.5,
  size: 0.3,
  look: { rotation: 0, opacity: 1, blend: 'normal', mask: 'alpha', feather: 0, aspect: 'square' },
}
const reading = (source: number, target: number) => ({ source, target, taken: target > source })
const measured: Measured = {
  labelled: 5,
  photographs: [
    { image: 7, before: reading(0.8, 0.01), patched: reading(0.1, 0.62), control: reading(0.7, 0.03) },
    { image: 9, before: reading(0.5, 0.02), patched: reading(0.4, 0.3), control: reading(0.45, 0.05) },
  ],
}
const className = (index: number): string => ['', 'minibus', 'school bus'][index]!
const predicted = [
  { index: 1, value: 0.798 },
  { index: 2, value: 0.011 },
]
const all = (given: Measured | undefined) =>
  Array.from({ length: STEPS }, (_, step) => stepOf(step, tour, given, given && predicted, className))

describe('the tour', () => {
  it('has five steps, each with a title and a text of its own', () => {
    const steps = all(measured)
    expect(steps).toHaveLength(5)
    expect(new Set(steps.map(({ title }) => title)).size).toBe(5)
    for (const { text } of steps) {
      expect(text.length).toBeGreaterThan(80)
      expect(text.length).toBeLessThan(560)
    }
  })

  it('states the numbers that were measured', () => {
    const [, , photograph, patch, more] = all(measured)
    expect(photograph!.text).toContain(
      'Predictions of the model for this photograph: minibus 79.8 %, school bus 1.1 %.',
    )
    expect(patch!.text).toContain('minibus goes from 80.0 % to 10.0 %, and school bus from 1.00 % to 62.0 %')
    expect(patch!.text).toContain('surroundings filled in) gives school bus 3.00 %')
    expect(more!.text).toContain('Of 5 photographs labelled minibus, the model classifies 2 correctly.')
    expect(more!.text).toContain('turn 1 of 2 into school bus, any of the controls 0 of 2')
  })

  it('states none before they are measured, nor where the photograph is not among them', () => {
    for (const { text } of all(undefined)) expect(text).not.toMatch(/\d %|of \d/)
    expect(stepOf(3, tour, { labelled: 5, photographs: [] }, predicted, className).text).not.toMatch(/\d %/)
  })
})

describe('the state of the tour', () => {
  const kept = new Map<string, string>()
  beforeEach(() => {
    kept.clear()
    globalThis.localStorage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as Storage
  })

  it('goes on and back, and is remembered when it was finished or skipped', async () => {
    const { endTour, goToStep, startTour, useTour } = await import('../../../renderer/tour/state.ts')
    const { useSettings } = await import('../../../renderer/state/settings.ts')
    startTour()
    goToStep(-1)
    expect(useTour.getState().step).toBe(0)
    goToStep(4)
    expect(useTour.getState().step).toBe(4)
    expect(useSettings.getState().tourSeen).toBe(false)
    goToStep(5)
    expect(useTour.getState().step).toBeNull()
    expect(useSettings.getState().tourSeen).toBe(true)
    expect(kept.get('portolan.settings')).toContain('"tourSeen":true')
    startTour()
    expect(useTour.getState().step).toBe(0)
    endTour()
    expect(useTour.getState().step).toBeNull()
  })
})
