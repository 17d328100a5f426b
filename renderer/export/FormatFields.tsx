import type { ReactNode } from 'react'
import type { FigureFormat } from '../../electron/contract/view-figure.ts'
import { Segments } from '../ui/controls.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import { number } from '../ui/text.ts'
import css from './export.module.css'

/** How a figure is written. */
export interface Print {
  readonly format: FigureFormat
  readonly millimetres: number
  readonly dpi: number
}

/** A page of A4 with margins, at the resolution that journals ask for. */
export const PRINT: Print = { format: 'png', millimetres: 180, dpi: 300 }

/** Format, width and resolution of a figure. */
export function FormatFields({
  print,
  raster,
  onChange,
}: {
  readonly print: Print
  /** Whether SVG and PDF have a resolution as well: that of their maps. */
  readonly raster: boolean
  readonly onChange: (print: Print) => void
}): ReactNode {
  return (
    <>
      <Segments
        label="Format"
        value={print.format}
        options={[
          ['png', 'PNG'],
          ['svg', 'SVG'],
          ['pdf', 'PDF'],
        ]}
        onChange={format => onChange({ ...print, format })}
      />
      <div className={css['row']}>
        <NumberField
          label="Width, mm"
          value={print.millimetres}
          min={20}
          max={1000}
          floor={1}
          onChange={millimetres => onChange({ ...print, millimetres })}
        />
        {(raster || print.format === 'png') && (
          <NumberField
            label={print.format === 'png' ? 'Resolution, dpi' : 'Resolution of maps, dpi'}
            value={print.dpi}
            min={72}
            max={1200}
            floor={30}
            onChange={dpi => onChange({ ...print, dpi })}
          />
        )}
      </div>
    </>
  )
}

const NOTES: Readonly<Record<Exclude<FigureFormat, 'png'>, string>> = {
  svg: 'letters are outlines, pictures are embedded',
  pdf: 'text is text, pictures are embedded',
}

/** Size of the file in print, and in pixels. @param scale pixels of a PNG for each pixel of the figure */
export function sizeText(
  { format, millimetres }: Print,
  { width, height }: { readonly width: number; readonly height: number },
  scale: number,
): string {
  const printed = `${number(millimetres)} × ${number(Math.round((millimetres * height) / width))} mm`
  if (format !== 'png') return `${printed}; ${NOTES[format]}`
  return `${printed}, ${number(Math.round(width * scale))} × ${number(Math.round(height * scale))} pixels`
}
