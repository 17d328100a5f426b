import { type ReactNode, useEffect, useRef } from 'react'
import { attempt, notify } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { useSettings } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import { endTour, goToStep, startTour, useTour } from './state.ts'
import { STEPS, stepOf } from './steps.ts'
import css from './tour.module.css'
import { showStep } from './views.ts'

/** The tour of the demo, placed so that it covers little of the view. Opens automatically once. */
export function TourPanel(): ReactNode {
  const project = useProject()
  const { step } = useTour()
  const seen = useSettings(state => state.tourSeen)
  // The photographs of the tour are added with the atlas.
  const ready = project.atlases.length > 0
  const tour = useCall('tour.find', ready || step !== null ? {} : null)
  // Deferred: the model is busy in the first seconds.
  const measured = useCall('tour.measure', tour.data && step !== null && step > 1 ? {} : null)
  const predicted = useCall(
    'photograph.predict',
    tour.data && step === 2 ? { model: tour.data.model, image: tour.data.image, limit: 3 } : null,
  )
  const opened = useRef(false)
  useEffect(() => {
    if (!tour.data || seen || opened.current) return
    opened.current = true
    if (useTour.getState().step === null) startTour()
  }, [tour.data, seen])
  useEffect(() => {
    if (step === null || tour.data !== null || tour.isFetching) return
    useTour.setState({ step: null })
    notify('The tour belongs to the demo: open the demo first (Ctrl K, “Open the demo”).', 'warning')
  }, [step, tour.data, tour.isFetching])
  if (step === null || !tour.data) return null
  return (
    <Panel
      key={step}
      step={step}
      {...stepOf(step, tour.data, measured.data, predicted.data?.probabilities, project.className)}
      problem={measured.error?.message}
      enter={() => showStep(step, tour.data!, project)}
    />
  )
}

interface PanelProps {
  readonly step: number
  readonly title: string
  readonly text: string
  readonly problem: string | undefined
  readonly enter: () => Promise<void>
}

function Panel({ step, title, text, problem, enter }: PanelProps): ReactNode {
  const onMap = useView(state => state.section === 'atlas')
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each step, which has a panel of its own
  useEffect(() => {
    // If the tour has opened automatically, the map keeps the focus.
    if (step > 0) void attempt(enter)
    if (step > 0 || document.activeElement === document.body) heading.current?.focus()
  }, [])
  return (
    <section
      className={css['tour']}
      role="dialog"
      aria-modal="false"
      data-on-map={onMap}
      aria-labelledby="tour-title"
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        endTour()
      }}
    >
      <header>
        <h2 id="tour-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <span>{`${step + 1} of ${STEPS}`}</span>
      </header>
      <p aria-live="polite">{problem ?? text}</p>
      <footer>
        <Button onClick={endTour}>{step === STEPS - 1 ? 'Close' : 'Skip the tour'}</Button>
        <span />
        {step > 0 && <Button onClick={() => goToStep(step - 1)}>Back</Button>}
        {step < STEPS - 1 && (
          <Button look="primary" onClick={() => goToStep(step + 1)}>
            Next
          </Button>
        )}
      </footer>
    </section>
  )
}
