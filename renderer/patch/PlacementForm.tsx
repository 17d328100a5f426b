import { type ReactNode, useState } from 'react'
import { BlendMode, PatchLook } from '../../electron/contract/placement.ts'
import { Select } from '../ui/controls.tsx'
import { capitalised } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { SIZES } from './geometry.ts'
import { PATCH_KEYS } from './keys.ts'
import { adjustPatch, type PlacedPatch, settle } from './lab.ts'
import { ASPECTS } from './looks.ts'
import css from './patch.module.css'

const { aspect: Aspect, mask: Mask } = PatchLook.unwrap().shape
const MASKS = { alpha: 'alpha channel', square: 'square', circle: 'circle' }

/** The placement of the selected patch in numbers. */
export function PlacementForm({ placed }: { readonly placed: PlacedPatch }): ReactNode {
  const apply = (part: Parameters<typeof adjustPatch>[1]): void => {
    adjustPatch(placed.id, part)
    settle()
  }
  const percent = (value: number): string => (value * 100).toFixed(1).replace(/\.0$/, '')
  return (
    <section className={css['form']} aria-label="Placement">
      <Slider
        label="Size"
        unit="%"
        text={percent(placed.size)}
        value={placed.size}
        min={SIZES.minimum}
        max={1}
        step={0.005}
        onSlide={size => adjustPatch(placed.id, { size })}
        onType={typed => apply({ size: typed / 100 })}
      />
      <Slider
        label="Rotation"
        unit="°"
        text={String(placed.rotation)}
        value={placed.rotation}
        min={-180}
        max={180}
        step={1}
        onSlide={rotation => adjustPatch(placed.id, { rotation })}
        onType={rotation => apply({ rotation })}
      />
      <Slider
        label="Opacity"
        unit="%"
        text={percent(placed.opacity)}
        value={placed.opacity}
        min={0}
        max={1}
        step={0.01}
        onSlide={opacity => adjustPatch(placed.id, { opacity })}
        onType={typed => apply({ opacity: Math.min(1, Math.max(0, typed / 100)) })}
      />
      <Slider
        label="Feather"
        unit="%"
        text={percent(placed.feather)}
        value={placed.feather}
        min={0}
        max={1}
        step={0.01}
        onSlide={feather => adjustPatch(placed.id, { feather })}
        onType={typed => apply({ feather: Math.min(1, Math.max(0, typed / 100)) })}
      />
      <div className={css['pair']}>
        <NumberField label="Centre x" unit="%" text={percent(placed.x)} onType={typed => apply({ x: typed / 100 })} />
        <NumberField label="Centre y" unit="%" text={percent(placed.y)} onType={typed => apply({ y: typed / 100 })} />
      </div>
      <div className={css['choices']}>
        <span>Blend</span>
        <Select label="Blend" value={placed.blend} onChange={e => apply({ blend: BlendMode.parse(e.target.value) })}>
          {BlendMode.options.map(mode => (
            <option key={mode} value={mode}>
              {capitalised(mode)}
            </option>
          ))}
        </Select>
        <span>Mask</span>
        <Select label="Mask" value={placed.mask} onChange={e => apply({ mask: Mask.parse(e.target.value) })}>
          {Object.entries(MASKS).map(([value, text]) => (
            <option key={value} value={value}>
              {capitalised(text)}
            </option>
          ))}
        </Select>
        <span>Aspect</span>
        <Select label="Aspect" value={placed.aspect} onChange={e => apply({ aspect: Aspect.parse(e.target.value) })}>
          {Object.entries(ASPECTS).map(([value, text]) => (
            <option key={value} value={value}>
              {capitalised(text)}
            </option>
          ))}
        </Select>
      </div>
      <details className={css['help']}>
        <summary>Keys</summary>
        <dl>
          {PATCH_KEYS.map(([keys, text]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  )
}

interface NumberFieldProps {
  readonly label: string
  readonly unit: string
  readonly text: string
  readonly onType: (value: number) => void
}

/** A number that is applied with Enter or on blur. */
function NumberField({ label, unit, text, onType }: NumberFieldProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null)
  const finish = (): void => {
    const value = Number(draft?.replace(',', '.').replace('−', '-'))
    if (draft !== null && draft.trim() !== '' && Number.isFinite(value)) onType(value)
    setDraft(null)
  }
  return (
    <label className={css['typed']}>
      <span>{label}</span>
      <input
        className={ui['input']}
        inputMode="decimal"
        aria-label={`${label}, ${unit}`}
        value={draft ?? text}
        onChange={e => setDraft(e.target.value)}
        onBlur={finish}
        onKeyDown={e => {
          if (e.key === 'Enter') finish()
          if (e.key === 'Escape') setDraft(null)
        }}
      />
      <span aria-hidden>{unit}</span>
    </label>
  )
}

interface SliderProps extends NumberFieldProps {
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  /** Called while the slider moves; its release is one undo step. */
  readonly onSlide: (value: number) => void
}

function Slider({ label, unit, text, value, min, max, step, onSlide, onType }: SliderProps): ReactNode {
  return (
    <div className={css['slider']}>
      <span aria-hidden>{label}</span>
      <input
        type="range"
        aria-label={label}
        min={min}
        max={max}
        step={step}
        value={Math.min(max, Math.max(min, value))}
        onChange={e => onSlide(Number(e.target.value))}
        onPointerUp={settle}
        onKeyUp={settle}
        onBlur={settle}
      />
      <NumberField label={`${label}, number`} unit={unit} text={text} onType={onType} />
    </div>
  )
}
