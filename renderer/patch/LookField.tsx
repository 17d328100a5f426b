import type { ReactNode } from 'react'
import { PatchLook } from '../../electron/contract/placement.ts'
import { Segments } from '../ui/controls.tsx'
import { capitalised } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './lab-page.module.css'
import { ASPECTS, type LookSource } from './looks.ts'

const SOURCES: Readonly<Record<LookSource, readonly [text: string, hint: string]>> = {
  editor: ['As in the editor', 'Rotation, opacity, blend, mask, feather and aspect of the patches in the editor'],
  plan: ['As in that plan', 'The looks of the experiment that this plan was copied from'],
  plain: ['Plain', 'Not rotated, opaque, not blended, without mask or feather'],
}
const { aspect: Aspect } = PatchLook.unwrap().shape

interface LookFieldProps {
  readonly label: string
  readonly value: LookSource
  /** Of two or more one is chosen. */
  readonly sources: readonly LookSource[]
  /** What is measured, in words. */
  readonly lines: readonly string[]
  readonly notes: readonly string[]
  /** Of patches with the plain look; null: there are none. */
  readonly aspect: PatchLook['aspect'] | null
  readonly onChange: (source: LookSource) => void
  readonly onAspect: (aspect: PatchLook['aspect']) => void
}

/** The look that is measured, and the way back to the plain one. */
export function LookField({
  label,
  value,
  sources,
  lines,
  notes,
  aspect,
  onChange,
  onAspect,
}: LookFieldProps): ReactNode {
  return (
    <fieldset>
      <legend>{label}</legend>
      {sources.length > 1 && (
        <Segments
          label="Look"
          value={value}
          options={sources.map(source => [source, ...SOURCES[source]] as const)}
          onChange={onChange}
        />
      )}
      {lines.map(line => (
        <p key={line} className={css['look']}>
          {line}
        </p>
      ))}
      {notes.map(note => (
        <p key={note} className={css['warning']}>
          {note}
        </p>
      ))}
      {aspect !== null && (
        <label>
          Aspect
          <select className={ui['input']} value={aspect} onChange={e => onAspect(Aspect.parse(e.target.value))}>
            {Object.entries(ASPECTS).map(([option, text]) => (
              <option key={option} value={option}>
                {capitalised(text)}
              </option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  )
}
