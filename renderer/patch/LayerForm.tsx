import { type ReactNode, useState } from 'react'
import { BlendMode, PatchLook } from '../../electron/contract/patch.ts'
import { Select } from '../ui/controls.tsx'
import ui from '../ui/ui.module.css'
import { SIZES } from './geometry.ts'
import { PATCH_KEYS } from './keys.ts'
import { type Laid, reshape, settle } from './lab.ts'
import css from './patch.module.css'

const { aspect: Aspect, mask: Mask } = PatchLook.unwrap().shape
const ASPECTS = { kept: 'kept in the square', square: 'square (article)', photograph: 'kept on the photograph' }
const MASKS = { alpha: 'its own', square: 'square', circle: 'circle' }
const sentence = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** How the selected patch is laid, in numbers. */
export function LayerForm({ layer }: { readonly layer: Laid }): ReactNode {
  const put = (part: Parameters<typeof reshape>[1]): void => {
    reshape(layer.id, part)
    settle()
  }
  const percent = (value: number): string => (value * 100).toFixed(1).replace(/\.0$/, '')
  return (
    <section className={css['form']} aria-label="How it is laid">
      <Slider
        label="Size"
        unit="%"
        text={percent(layer.size)}
        value={layer.size}
        min={SIZES.least}
        max={1}
        step={0.005}
        onSlide={size => reshape(layer.id, { size })}
        onType={typed => put({ size: typed / 100 })}
      />
      <Slider
        label="Turned"
        unit="°"
        text={String(layer.rotation)}
        value={layer.rotation}
        min={-180}
        max={180}
        step={1}
        onSlide={rotation => reshape(layer.id, { rotation })}
        onType={rotation => put({ rotation })}
      />
      <Slider
        label="Opacity"
        unit="%"
        text={percent(layer.opacity)}
        value={layer.opacity}
        min={0}
        max={1}
        step={0.01}
        onSlide={opacity => reshape(layer.id, { opacity })}
        onType={typed => put({ opacity: Math.min(1, Math.max(0, typed / 100)) })}
      />
      <Slider
        label="Feather"
        unit="%"
        text={percent(layer.feather)}
        value={layer.feather}
        min={0}
        max={1}
        step={0.01}
        onSlide={feather => reshape(layer.id, { feather })}
        onType={typed => put({ feather: Math.min(1, Math.max(0, typed / 100)) })}
      />
      <div className={css['pair']}>
        <Typed label="Centre from left" unit="%" text={percent(layer.x)} onType={typed => put({ x: typed / 100 })} />
        <Typed label="From top" unit="%" text={percent(layer.y)} onType={typed => put({ y: typed / 100 })} />
      </div>
      <div className={css['choices']}>
        <span>Blend</span>
        <Select label="Blend" value={layer.blend} onChange={e => put({ blend: BlendMode.parse(e.target.value) })}>
          {BlendMode.options.map(mode => (
            <option key={mode} value={mode}>
              {sentence(mode)}
            </option>
          ))}
        </Select>
        <span>Mask</span>
        <Select label="Mask" value={layer.mask} onChange={e => put({ mask: Mask.parse(e.target.value) })}>
          {Object.entries(MASKS).map(([value, text]) => (
            <option key={value} value={value}>
              {sentence(text)}
            </option>
          ))}
        </Select>
        <span>Aspect</span>
        <Select label="Aspect" value={layer.aspect} onChange={e => put({ aspect: Aspect.parse(e.target.value) })}>
          {Object.entries(ASPECTS).map(([value, text]) => (
            <option key={value} value={value}>
              {sentence(text)}
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

interface TypedProps {
  readonly label: string
  readonly unit: string
  readonly text: string
  readonly onType: (value: number) => void
}

/** A number that is taken over when it is finished: by Enter, or when the field is left. */
function Typed({ label, unit, text, onType }: TypedProps): ReactNode {
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

interface SliderProps extends TypedProps {
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  /** While it moves; what is left when it is let go of is one step of undo's. */
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
      <Typed label={`${label} in numbers`} unit={unit} text={text} onType={onType} />
    </div>
  )
}
