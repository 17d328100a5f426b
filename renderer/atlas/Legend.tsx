import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTheme } from '../state/settings.ts'
import { changeFilter, type PaneState, toggleClass } from '../state/view.ts'
import { Segments } from '../ui/controls.tsx'
import { decimal } from '../ui/text.ts'
import { classColour, cold, css as colourOf, heat } from './colours.ts'
import { extremes, type LookSign } from './look.ts'
import css from './pane.module.css'
import type { Legend as Entry } from './use-look.ts'

interface LegendProps {
  readonly pane: PaneState
  readonly legend: readonly Entry[]
  readonly known: string | null
  readonly className: (index: number) => string
}

const STOPS = [0, 0.25, 0.5, 0.75, 1]

/** The colours of the legend, from left to right: of both signs from the most negative attribution to the most positive. */
function rampOf(sign: LookSign, onLight: boolean): string {
  const [hot, blue] = [heat, cold].map(ramp => (stop: number) => ramp(stop, onLight))
  const colours = {
    for: STOPS.map(hot!),
    against: STOPS.map(blue!),
    both: [...STOPS.toReversed().map(blue!), ...STOPS.slice(1).map(hot!)],
  }[sign]
  return `linear-gradient(90deg, ${colours.map(colourOf).join(', ')})`
}

/** The values at the ends of the legend's colours. */
function endsOf({ min, max }: Entry, sign: LookSign): readonly string[] {
  const both = Math.max(max, -min)
  if (sign === 'both') return [decimal(-both), '0', `${decimal(both)} logits`]
  return ['0', `${decimal(sign === 'for' ? max : min)} logits`]
}

/** The legend of the class filter: classes, colours and values, with the display options. */
export function Legend({ pane, legend, known, className }: LegendProps): ReactNode {
  const { classes, mode, sign } = pane.filter
  const onLight = useTheme(state => state.theme === 'light')
  if (classes.length === 0) return null
  const first = legend[0]
  return (
    <div className={css['legend']} data-overlay>
      <ul>
        {classes.map((index, k) => {
          const entry = legend.find(l => l.index === index)
          return (
            <li key={index}>
              {mode === 'hues' && <i className={css['swatch']} style={{ background: colourOf(classColour(k)) }} />}
              <span>{className(index)}</span>
              <output>{entry ? extremes(entry, sign) : '…'}</output>
              <button
                type="button"
                aria-label={`Remove ${className(index)}`}
                onClick={() => toggleClass(pane.id, index)}
              >
                <X size={14} aria-hidden />
              </button>
            </li>
          )
        })}
      </ul>
      {mode === 'heat' && first && (
        <>
          <div className={css['ramp']} style={{ background: rampOf(sign, onLight) }} aria-hidden />
          <div className={css['ends']}>
            {endsOf(first, sign).map(end => (
              <span key={end}>{end}</span>
            ))}
          </div>
        </>
      )}
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
        <Segments
          label="Attribution display"
          value={mode}
          options={[
            ['heat', 'Heat'],
            ['opacity', 'Opacity'],
            ['hues', 'Hue'],
          ]}
          onChange={value => changeFilter(pane.id, { mode: value })}
        />
        <Segments
          label="Sign of attribution"
          value={sign}
          options={[
            ['for', 'Positive'],
            ['against', 'Negative'],
            ...(classes.length < 2 ? [['both', 'Both'] as const] : []),
          ]}
          onChange={value => changeFilter(pane.id, { sign: value })}
        />
      </div>
      {known && <span style={{ color: 'var(--text-soft)' }}>{known}</span>}
    </div>
  )
}
