import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { changeFilter, type PaneState, toggleClass } from '../state/view.ts'
import { Segments } from '../ui/controls.tsx'
import { decimal } from '../ui/text.ts'
import { classColour, cold, css as colourOf, heat } from './colours.ts'
import css from './pane.module.css'
import type { Legend as Entry } from './use-look.ts'

interface LegendProps {
  readonly pane: PaneState
  readonly legend: readonly Entry[]
  readonly known: string | null
  readonly className: (index: number) => string
}

/** The legend of the class filter: classes, colours and values, with the display options. */
export function Legend({ pane, legend, known, className }: LegendProps): ReactNode {
  const { classes, mode, sign } = pane.filter
  if (classes.length === 0) return null
  const stop = pane.filter.sign === 'for' ? heat : cold
  const ramp = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map(t => colourOf(stop(t))).join(', ')})`
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
              <output>
                {entry ? `${sign === 'for' ? 'max' : 'min'} ${decimal(sign === 'for' ? entry.max : entry.min)}` : '…'}
              </output>
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
          <div className={css['ramp']} style={{ background: ramp }} aria-hidden />
          <div className={css['ends']}>
            <span>0</span>
            <span>{`${decimal(sign === 'for' ? first.max : first.min)} logits`}</span>
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
          ]}
          onChange={value => changeFilter(pane.id, { sign: value })}
        />
      </div>
      {known && <span style={{ color: 'var(--text-soft)' }}>{known}</span>}
    </div>
  )
}
